"""The decorators of all CPU kernels.

Flags: ``contract`` and ``nsz`` only, so that NaN, infinities and the order of sums stay as written; no division check,
which would stop the vectoriser; no GIL.
"""

from __future__ import annotations

from collections.abc import Callable

import numba

from torch7 import threads

FLAGS = {"cache": True, "nogil": True, "error_model": "numpy", "fastmath": {"contract", "nsz"}}

threads.apply()


def kernel(function: Callable) -> Callable:
    """A serial kernel."""
    return numba.njit(**FLAGS)(function)


def parallel(function: Callable) -> Callable:
    """A kernel with ``prange`` over fixed chunks."""
    return numba.njit(parallel=True, **FLAGS)(function)
