"""The packages of a program: nn, optim, rnn, dpnn, dataload, nngraph, which ``require`` finds, and their names."""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable
from typing import Any

import torch7

from .calls import callable_of, called, results
from .convert import to_lua
from .objects import NAMES
from .runtime import function, host
from .tensors import Tensor

# packages that put their classes into the table `nn`, which is loaded before them
_ON_NN = {
    "dpnn": "dpnn",
    "rnn": "rnn",
    "nngraph": "nngraph",
    "torchx": "dpnn",
    "nnx": "nnx",
    "stn": "nnx.stn",
    "inn": "nnx.inn",
    "fbnn": "nnx.fbnn",
    "fbcunn": "nnx.fbnn",
}
_GLOBALS = {"dataload": "dl"}


def member(package: str) -> Callable[[Any], Any]:
    """What looks a name up in a Python package for Lua."""
    module = importlib.import_module(package)

    def get(name: Any) -> Any:
        if not isinstance(name, str):
            return None
        value = _named(module, package, NAMES.get(name, name))
        if isinstance(value, types.ModuleType) or (name in ("Jacobian", "SparseJacobian") and value is not None):
            return functions_of(value)
        return callable_of(value) if isinstance(value, types.FunctionType) else to_lua(value)

    return get


def _named(module: Any, package: str, name: str) -> Any:
    """``rnn.recursiveCopy`` is in ``nn.rnn``; packages on nn also show nn's classes."""
    value = getattr(module, name, None)
    if value is None and package in _ON_NN:
        nn = importlib.import_module("nn")
        value = getattr(getattr(nn, package, None), name, None)
        value = getattr(nn, name, None) if value is None else value
    return value


def functions_of(holder: Any) -> Any:
    """A table of the functions of a module or class: ``nn.utils``, ``nn.Jacobian``."""
    table = host.lua.table()
    for name in dir(holder):
        value = getattr(holder, name)
        if not name.startswith("_") and callable(value):
            table[name] = to_lua(value) if isinstance(value, type) else _function(holder, name, value)
    return table


def _function(holder: Any, name: str, f: Any) -> Any:
    if holder.__name__ == "nn.utils" and name in _BECOMING:
        return function(_becoming(f), f)
    return callable_of(f)


# functions of nn.utils whose first tensor is where the result goes
_BECOMING = {"addSingletonDimension", "contiguousView", "recursiveResizeAs", "recursiveCopy"}


def _becoming(f: Callable[..., Any]) -> Callable[..., Any]:
    """``f(res, x, ...)`` where the tensor ``res`` becomes what ``f`` returns, or returns first."""

    def run(*args: Any) -> Any:
        first = args[0] if len(args) > 1 and isinstance(args[0], Tensor) and isinstance(args[1], Tensor) else None
        result, copies = called(f, (), args)
        made = result[0] if isinstance(result, tuple) else result
        if first is not None and torch7.isTensor(made) and made.dtype == first.a.dtype:
            first.reseat(made)
        return results(result, copies)

    return run


def draw_four() -> None:
    """Loading nn drew four numbers: its own tests, which it loads, fill tables while they are read."""
    for _ in range(4):
        torch7.random()


def load(name: str) -> Any:
    """``require 'rnn'``: the package is imported; its table has its functions and, as Lua's, reaches those of nn."""
    package = _ON_NN.get(name, name)
    importlib.import_module(package)
    if name == "torchx":
        return host.globals.torch
    table = host.library.make_package(name, function(member(package)))
    if name == "nngraph":
        host.globals.graph = functions_of(importlib.import_module("nngraph.graph"))
    if name in _GLOBALS:
        host.globals[_GLOBALS[name]] = table
    return table


def names() -> list[str]:
    """The packages that :func:`load` knows."""
    return ["nn", *_ON_NN, "optim", "dataload"]


def on_nn() -> list[str]:
    """Those that load nn first."""
    return list(_ON_NN)
