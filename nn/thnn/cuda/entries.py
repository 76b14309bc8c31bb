"""The functions on arrays of a GPU, by the names they have on the CPU.

An entry is, in this order: a function of the ``_cuda`` module beside the CPU's, which launches kernels of the ``.cu``
file there; a formula of every element (:mod:`maps`); or a function of the CPU that calls nothing but such formulas.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..cpu.simd.elementwise import Elementwise, Reduction, tiled
from . import sums
from .maps import Map, Total
from .workspace import take


def tiled_here(weights: Any, x: Any) -> Any:
    """The weights of the columns for every row of ``x``, until the next call."""
    rows = take("weights", x.dtype, x.size)
    rows.reshape(-1, weights.size)[...] = weights
    return rows


def entry(module: str, name: str) -> Callable | None:
    """The function ``name`` for the GPU, ``module`` being that of the CPU's; None if there is none."""
    if module.endswith("cpu.simd.sums"):
        return getattr(sums, name)
    if find_spec(f"{module}_cuda") is not None:
        own = getattr(import_module(f"{module}_cuda"), name, None)
        if own is not None:
            return own
    return here(getattr(import_module(module), name))


@cache
def here(value: Any) -> Any:
    """A formula, or a function of formulas, for the GPU; None for what is neither."""
    if isinstance(value, Elementwise):
        return Map(value)
    if isinstance(value, Reduction):
        return Total(value)
    return rebound(value) if isinstance(value, FunctionType) else None


def rebound(function: FunctionType) -> FunctionType | None:
    """The function with its formulas for the GPU; None if it calls anything else."""
    known: dict[str, Any] = {}
    for name in function.__code__.co_names:
        value = function.__globals__.get(name)
        if isinstance(value, Elementwise | Reduction):
            known[name] = here(value)
        elif value is tiled:
            known[name] = tiled_here
        elif value is not None and value is not np and not isinstance(value, ModuleType | type | float | int):
            return None
    if not known:
        return None
    return FunctionType(function.__code__, {**function.__globals__, **known}, function.__name__, function.__defaults__)


def over(module: ModuleType, **names: Any) -> dict[str, Any]:
    """The functions of a module of the CPU that are the same on a GPU but for what these ``names`` mean, by name."""
    scope = {**vars(module), **names}
    for name, value in vars(module).items():
        if isinstance(value, FunctionType) and value.__module__ == module.__name__:
            scope[name] = FunctionType(value.__code__, scope, name, value.__defaults__, value.__closure__)
    return scope
