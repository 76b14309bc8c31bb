"""The decorators of all CPU kernels; :mod:`torch7.kernel_cache` has their flags and keeps them on disk."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numba

from torch7 import threads
from torch7.kernel_cache import FLAGS, compiled, kernel_cache
from torch7.threading_layer import compiled_parallel

from .isa import VECTOR_BYTES

#: What compiled code depends on beside its source.
OPTIONS = f"vectors of {VECTOR_BYTES} bytes"


threads.apply()


def cache(function: Callable):
    """The cache on disk for a function compiled in another way than by the decorators."""
    return kernel_cache(function, OPTIONS)


def inner(function: Callable) -> Callable:
    """A kernel that only kernels call."""
    return compiled(function, OPTIONS, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def kernel(function: Callable) -> Callable:
    """A serial kernel."""
    return compiled(function, OPTIONS)


def inlined(function: Callable) -> Callable:
    """A kernel whose text is put where it is called: splits a long kernel without compiling it twice."""
    return numba.njit(inline="always", **FLAGS)(function)


def instance(template: Callable, function: Callable, names: dict[str, Any]) -> FunctionType:
    """``template`` with other globals, to the cache a function in the file of ``function`` and named after it."""
    place = function.__code__
    code = template.__code__.replace(co_filename=place.co_filename, co_firstlineno=place.co_firstlineno)
    made = FunctionType(code, template.__globals__ | names, f"{function.__name__}{template.__name__}")
    made.__qualname__, made.__module__ = made.__name__, function.__module__
    return made


def parallel(function: Callable) -> Callable:
    """A kernel with ``prange`` over fixed chunks."""
    return compiled_parallel(function, OPTIONS)
