"""How work is divided among threads: into fixed consecutive parts, and only when it is worth a launch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import prange
from numba.extending import register_jitable

from .jit import instance, kernel, parallel

#: Work below this many nanoseconds is done by the caller alone.
LAUNCH = 20_000
#: Into how many parts a long sum is divided, whatever the number of threads.
SUM_PARTS = 64
#: What the template below calls; every kernel has its own.
serial = None


def threads(nanoseconds: float) -> int:
    """How many threads to use for work that takes one thread so long."""
    return 1 if nanoseconds < LAUNCH else numba.get_num_threads()


@register_jitable
def ceil_div(a, b):
    """a / b rounded up, for Python and for kernels."""
    return (a + b - 1) // b


@register_jitable
def aligned(n, unit=64):
    """The next multiple of ``unit`` that is n or more; 64 floats fill whole lines of the cache."""
    return (n + unit - 1) // unit * unit


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


class Ranged:
    """A kernel over the elements ``low`` to ``high``, its first two parameters, run by the caller or in equal parts."""

    def __init__(self, body: Callable) -> None:
        self.serial = kernel(body)
        self.parallel = parallel(instance(_in_parts, body, {"serial": self.serial}))

    def __call__(self, count: int, nanoseconds: float, *arguments: Any) -> Any:
        """Elements 0 to ``count``, which take one thread so many ``nanoseconds``."""
        if nanoseconds < LAUNCH:
            return self.serial(0, count, *arguments)
        return self.parallel(count, numba.get_num_threads(), *arguments)


def ranged(body: Callable) -> Ranged:
    """Decorator: ``f(low, high, ...)`` becomes ``f(count, nanoseconds, ...)``, and says how long an element takes."""
    return Ranged(body)


def _in_parts(count, parts, *arguments):
    for part in prange(parts):
        serial(count * part // parts, count * (part + 1) // parts, *arguments)


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
