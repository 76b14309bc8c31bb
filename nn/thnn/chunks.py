"""How work is divided among threads: into fixed consecutive parts, and only when it is worth a launch."""

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np

from .jit import kernel

#: Work below this many nanoseconds is done by the caller alone.
LAUNCH = 20_000


def threads(nanoseconds: float) -> int:
    """How many threads to use for work that takes one thread so long."""
    return 1 if nanoseconds < LAUNCH else numba.get_num_threads()


@kernel
def bound(n, part, parts, unit):
    """Where part number ``part`` of ``parts`` begins in ``n`` elements: a multiple of ``unit``, or ``n`` at the end."""
    return n if part >= parts else (n // unit) * part // parts * unit


@kernel
def part_of(x, part, parts):
    """One of the consecutive parts of a vector, cut at multiples of 1024 elements."""
    return x[bound(x.size, part, parts, 1024) : bound(x.size, part + 1, parts, 1024)]


def flat(x: np.ndarray) -> np.ndarray:
    """A contiguous array as a vector."""
    return x if x.ndim == 1 else x.reshape(-1)


def each(serial: Callable, parallel: Callable, nanoseconds: float, *arrays: np.ndarray) -> None:
    """Call ``serial(*vectors)``, or ``parallel(*vectors, parts)`` where the work at so much an element is worth it."""
    vectors = [flat(x) for x in arrays]
    work = nanoseconds * vectors[0].size
    parts = 1 if work < LAUNCH else numba.get_num_threads()
    if parts == 1:
        serial(*vectors)
    else:
        parallel(*vectors, parts)
