"""The packages of a program: nn, optim, rnn, dpnn, dataload, nngraph, which ``require`` finds, and their names."""

from __future__ import annotations

import importlib
import types
from collections.abc import Callable
from typing import Any

import torch7

from .calls import callable_of
from .convert import to_lua
from .objects import NAMES
from .runtime import function, host

# Lua's packages that are classes in nn: all that the name loads is in the table `nn`
_IN_NN = {"nn": "nn", "dpnn": "dpnn", "rnn": "rnn", "nngraph": "nngraph", "nnx": "nnx", "torchx": "nn"}
_GLOBALS = {"dataload": "dl"}


def member(package: str) -> Callable[[Any], Any]:
    """What looks a name up in a Python package for Lua."""
    module = importlib.import_module(package)

    def get(name: Any) -> Any:
        if not isinstance(name, str):
            return None
        value = getattr(module, NAMES.get(name, name), None)
        if isinstance(value, types.ModuleType) or (name in ("Jacobian", "SparseJacobian") and value is not None):
            return functions_of(value)
        return callable_of(value) if isinstance(value, types.FunctionType) else to_lua(value)

    return get


def functions_of(holder: Any) -> Any:
    """A table of the functions of a module or class: ``nn.utils``, ``nn.Jacobian``."""
    table = host.lua.table()
    for name in dir(holder):
        value = getattr(holder, name)
        if not name.startswith("_") and callable(value):
            table[name] = to_lua(value) if isinstance(value, type) else callable_of(value)
    return table


def draw_four() -> None:
    """Loading nn drew four numbers: its own tests, which it loads, fill tables while they are read."""
    for _ in range(4):
        torch7.random()


def load(name: str) -> Any:
    """``require 'rnn'``: the package is imported and is the table that Lua gave."""
    package = _IN_NN.get(name, name)
    importlib.import_module(package)
    if name in _IN_NN:
        return host.globals.nn if name != "nn" else _make("nn")
    return _make(package)


def _make(package: str) -> Any:
    table = host.library.make_package(package, function(member(package)))
    if package in _GLOBALS:
        host.globals[_GLOBALS[package]] = table
    return table


def names() -> list[str]:
    """The packages that :func:`load` knows."""
    return [*_IN_NN, "optim", "dataload"]
