"""The decorators of all CPU kernels; :mod:`torch7.kernel_cache` has their flags and keeps them on disk."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba

from torch7 import kernel_cache as kept
from torch7 import threads
from torch7.kernel_cache import FLAGS, KernelCache, compiled
from torch7.threading_layer import compiled_parallel

from .isa import VECTOR_BYTES

#: What compiled code depends on beside its source.
OPTIONS = f"vectors of {VECTOR_BYTES} bytes"


threads.apply()


def cache(function: Callable):
    """The cache on disk for a function compiled in another way than by the decorators."""
    return KernelCache(function, OPTIONS)


def inner(function: Callable) -> Callable:
    """A kernel that only kernels call."""
    return kept.inner(function, OPTIONS)


def part(function: Callable) -> Callable:
    """The same for a short function that one kernel calls."""
    return kept.inner(function, OPTIONS, kept=False)


def kernel(function: Callable) -> Callable:
    """A serial kernel."""
    return compiled(function, OPTIONS)


def compact(function: Callable) -> Callable:
    """Mark, below another decorator, a kernel that moves data or leads those that compute: it becomes little code.

    LLVM unrolls none of its loops. Such code took a third of the compilation of a first step.
    """
    function.compact = True
    return function


def inlined(function: Callable) -> Callable:
    """A kernel whose text is put where it is called: splits a long kernel without compiling it twice."""
    return numba.njit(inline="always", **FLAGS)(function)


def instance(template: Callable, function: Callable, names: dict[str, Any]) -> FunctionType:
    """``template`` with other globals, to the cache a function in the file of ``function`` and named after it."""
    place = function.__code__
    code = template.__code__.replace(co_filename=place.co_filename, co_firstlineno=place.co_firstlineno)
    made = FunctionType(code, template.__globals__ | names, f"{function.__name__}{template.__name__}")
    made.__qualname__, made.__module__ = made.__name__, function.__module__
    vars(made).update(vars(template))
    return made


def parallel(function: Callable) -> Callable:
    """A kernel with ``prange`` over fixed chunks."""
    return compiled_parallel(function, OPTIONS)
