"""How work is divided among threads: into fixed consecutive parts, and only when it is worth a launch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    return min(n, (n + unit - 1) // unit * part // parts * unit)


@kernel
def part_of(x, part, parts):
    """One of the consecutive parts of a vector, cut at multiples of 1024 elements."""
    return x[bound(x.size, part, parts, 1024) : bound(x.size, part + 1, parts, 1024)]


def flat(x: np.ndarray) -> np.ndarray:
    """A contiguous array as a vector."""
    return x if x.ndim == 1 else x.reshape(-1)


def each(serial: Callable, parallel: Callable, nanoseconds: float, x: np.ndarray, *others: Any) -> Any:
    """Run a kernel over vectors: ``serial(x, *others)``, or ``parallel(x, *others, threads)`` where that is worth it.

    ``others`` are arrays of ``x``'s size and numbers; ``nanoseconds`` is the work for one element. Which of the two
    runs depends on the size alone.
    """
    work = nanoseconds * x.size
    if x.ndim != 1:
        x, others = x.reshape(-1), [o.reshape(-1) if isinstance(o, np.ndarray) else o for o in others]
    if work < LAUNCH:
        return serial(x, *others)
    return parallel(x, *others, numba.get_num_threads())


#: Into how many parts a long sum is divided, whatever the number of threads.
SUMS = 64
