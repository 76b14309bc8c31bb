"""The decorators of all CPU kernels.

Flags: ``contract`` and ``nsz`` only, so that NaN, infinities and the order of sums stay as written; no division check,
which would stop the vectoriser; no GIL.

Compiled code is kept on disk. Numba renews it when the kernel's own file changes; here also when one of
:data:`FOUNDATIONS`, whose code goes into many kernels, or the width of vectors does.
"""

from __future__ import annotations

import ctypes
import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

import numba
from numba.core.caching import FunctionCache

from torch7 import threads

from .host import VECTOR_BYTES

FLAGS = {"nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz"}}
FOUNDATIONS = ("emit", "vector", "simd", "vecmath", "micro", "layout", "chunks", "team", "gemm")


def _prefer_tbb() -> None:
    """Load the tbb wheel's library, which lies where Numba does not look, so that Numba's first choice is there."""
    library = Path(sys.prefix) / "lib" / "libtbb.so.12"
    if library.exists():
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)


def _stamp() -> str:
    """Changes with the sources of the foundations and the width of vectors."""
    digest = hashlib.sha256(str(VECTOR_BYTES).encode())
    for name in FOUNDATIONS:
        source = Path(__file__).with_name(name + ".py")
        digest.update(source.read_bytes() if source.exists() else b"")
    return digest.hexdigest()


_prefer_tbb()
threads.apply()
STAMP = _stamp()


class CACHE(FunctionCache):
    """Numba's cache on disk, with the stamp in its keys."""

    def _index_key(self, sig, codegen):
        return (*super()._index_key(sig, codegen), STAMP)


def _compiled(function: Callable, **flags: bool) -> Callable:
    dispatcher = numba.njit(**FLAGS, **flags)(function)
    dispatcher._cache = CACHE(function)
    return dispatcher


def inner(function: Callable) -> Callable:
    """A kernel that only kernels call."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def kernel(function: Callable) -> Callable:
    """A serial kernel."""
    return _compiled(function)


def inlined(function: Callable) -> Callable:
    """A kernel whose text is put where it is called: splits a long kernel without compiling it twice."""
    return numba.njit(inline="always", **FLAGS)(function)


def parallel(function: Callable) -> Callable:
    """A kernel with ``prange`` over fixed chunks."""
    return _compiled(function, parallel=True)
