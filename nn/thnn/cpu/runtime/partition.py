"""How work is divided among threads: into fixed consecutive parts, and only when it is worth a launch."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba.extending import register_jitable
from numba.np.ufunc import parallel as pool

from torch7 import threading_layer
from torch7.atomics import call
from torch7.kernel_arguments import prove_kernel
from torch7.kernel_cache import INNER_FLAGS

from .jit import compact, inner, instance, kernel, part
from .jobs import job, range_job, run

#: Work below this many nanoseconds is done by the caller alone.
LAUNCH = 20_000
#: Into how many parts a long sum is divided, whatever the number of threads.
SUM_PARTS = 64

#: What the templates below name; every kernel has its own.
body = part_of = total = None


def threads(nanoseconds: float) -> int:
    """How many threads to use for work that takes one thread so long."""
    if nanoseconds < LAUNCH:
        return 1
    # Numba's own function takes two locks at every call, to start its threads at the first; the C function it asks
    # is there from then on.
    count = getattr(pool, "_get_num_threads", None)
    return numba.get_num_threads() if count is None else count()


@register_jitable(**INNER_FLAGS)
def ceil_div(a, b):
    """a / b rounded up, for Python and for kernels."""
    return (a + b - 1) // b


@register_jitable(**INNER_FLAGS)
def aligned(n, unit=64):
    """The next multiple of ``unit`` that is n or more; 64 floats fill whole lines of the cache."""
    return (n + unit - 1) // unit * unit


def pieces(jobs: int, parts: int, even: int, most: int) -> int:
    """Into how many pieces, at most ``most``, each job is cut so that ``parts`` threads are busy.

    Into one where the jobs can be shared out, or where a thread has ``even`` of them: then an uneven rest costs less
    than the pieces do.
    """
    return 1 if jobs % parts == 0 or jobs >= even * parts else min(parts, most)


@register_jitable(**INNER_FLAGS)
def bound(n, part, parts, unit):
    """Where part number ``part`` of ``parts`` begins in ``n`` elements: a multiple of ``unit``, or ``n`` at the end."""
    return min(n, (n + unit - 1) // unit * part // parts * unit)


def flat(x: np.ndarray) -> np.ndarray:
    """A contiguous array as a vector."""
    return x if x.ndim == 1 else x.ravel()


class Ranged:
    """A kernel over the elements ``low`` to ``high``, its first two parameters, run by the caller or in equal parts."""

    def __init__(self, function: Callable, in_parts: Callable) -> None:
        functools.update_wrapper(self, function)
        self.body = inner(function)
        own: dict[str, Any] = {"body": self.body}
        if in_parts is not _in_parts:
            own["part_of"] = part(instance(_part_sums, function, own))
        if in_parts is _any_in_parts:
            own["total"] = part(instance(_sum_in_parts, function, own))
        self.in_parts = prove_kernel(kernel(instance(in_parts, function, own)))

    def __call__(self, count: int, nanoseconds: float, *arguments: Any, unit: int = 1) -> Any:
        """Elements 0 to ``count``, which take one thread so long; parts begin at multiples of ``unit``."""
        if nanoseconds < LAUNCH:
            return self.in_parts(count, unit, 0, *arguments)
        threading_layer.start()
        return self.in_parts(count, unit, threads(nanoseconds), *arguments)


def ranged(function: Callable) -> Ranged:
    """Decorator: ``f(low, high, ...)`` becomes ``f(count, nanoseconds, ...)``, and the threads share the elements."""
    return Ranged(function, _in_parts)


def ranged_sum(function: Callable) -> Ranged:
    """The same for a body that returns a sum over its elements, a double: added up in one order for many elements."""
    return Ranged(function, _sum_in_parts)


def ranged_any(function: Callable) -> Ranged:
    """The same for a body that returns how often something was met: whether it was met at all."""
    return Ranged(function, _any_in_parts)


@compact
def _in_parts(count, unit, parts, *arguments):
    """All elements by the caller for 0 parts."""
    code, memory = range_job(body, count, unit, arguments)
    if parts == 0:
        call(code, memory, memory, 0, 1)
    else:
        run(code, memory, parts)


@compact
def _sum_in_parts(count, unit, parts, *arguments):
    if parts == 0:
        return np.float64(body(0, count, *arguments))
    sums = np.empty(SUM_PARTS)
    code, memory = job(part_of, (sums, count, unit, arguments))
    run(code, memory, parts)
    total = 0.0
    for v in sums:
        total += v
    return total


def _any_in_parts(count, unit, parts, *arguments):
    return total(count, unit, parts, *arguments) != 0


@compact
def _part_sums(sums, count, unit, arguments, part, parts):
    """Fixed parts, whatever the number of threads."""
    for k in range(SUM_PARTS * part // parts, SUM_PARTS * (part + 1) // parts):
        sums[k] = body(bound(count, k, SUM_PARTS, unit), bound(count, k + 1, SUM_PARTS, unit), *arguments)
