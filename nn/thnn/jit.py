"""The decorators of all CPU kernels; :mod:`torch7.kernel_cache` has their flags and keeps them on disk."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from pathlib import Path

import numba

from torch7 import threads
from torch7.kernel_cache import FLAGS, compiled, kernel_cache

from .host import VECTOR_BYTES

#: What compiled code depends on beside its source.
OPTIONS = f"vectors of {VECTOR_BYTES} bytes"


def _prefer_tbb() -> None:
    """Load the tbb wheel's library, which lies where Numba does not look, so that Numba's first choice is there."""
    library = Path(sys.prefix) / "lib" / "libtbb.so.12"
    if library.exists():
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)


_prefer_tbb()
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


def parallel(function: Callable) -> Callable:
    """A kernel with ``prange`` over fixed chunks."""
    return compiled(function, OPTIONS, parallel=True)
