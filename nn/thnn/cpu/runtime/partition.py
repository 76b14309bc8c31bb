"""How work is divided among threads: into fixed consecutive parts, and only when it is worth a launch."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any
from zlib import crc32

import numba
import numpy as np
from numba import prange
from numba.extending import register_jitable
from numba.np.ufunc import parallel as pool

from torch7.kernel_arguments import prove_kernel

from .jit import kernel, parallel

#: Work below this many nanoseconds is done by the caller alone.
LAUNCH = 20_000
#: Into how many parts a long sum is divided, whatever the number of threads.
SUM_PARTS = 64

#: Loops over the parts of a range; the sum has parts of its own, whatever the number of threads.
IN_PARTS = """def in_parts(count, unit, parts{}):
    for part in prange(parts):
        serial(bound(count, part, parts, unit), bound(count, part + 1, parts, unit), {})
"""
IN_FIXED_PARTS = """def in_parts(count, unit, parts{}):
    sums = np.empty(SUM_PARTS)
    for part in prange(parts):
        for k in range(SUM_PARTS * part // parts, SUM_PARTS * (part + 1) // parts):
            sums[k] = serial(bound(count, k, SUM_PARTS, unit), bound(count, k + 1, SUM_PARTS, unit), {})
    total = 0.0
    for v in sums:
        total += v
    return total
"""


def threads(nanoseconds: float) -> int:
    """How many threads to use for work that takes one thread so long."""
    if nanoseconds < LAUNCH:
        return 1
    # Numba's own function takes two locks at every call, to start its threads at the first; the C function it asks
    # is there from then on.
    count = getattr(pool, "_get_num_threads", None)
    return numba.get_num_threads() if count is None else count()


@register_jitable
def ceil_div(a, b):
    """a / b rounded up, for Python and for kernels."""
    return (a + b - 1) // b


@register_jitable
def aligned(n, unit=64):
    """The next multiple of ``unit`` that is n or more; 64 floats fill whole lines of the cache."""
    return (n + unit - 1) // unit * unit


def pieces(jobs: int, parts: int, even: int, most: int) -> int:
    """Into how many pieces, at most ``most``, each job is cut so that ``parts`` threads are busy.

    Into one where the jobs can be shared out, or where a thread has ``even`` of them: then an uneven rest costs less
    than the pieces do.
    """
    return 1 if jobs % parts == 0 or jobs >= even * parts else min(parts, most)


@kernel
def bound(n, part, parts, unit):
    """Where part number ``part`` of ``parts`` begins in ``n`` elements: a multiple of ``unit``, or ``n`` at the end."""
    return min(n, (n + unit - 1) // unit * part // parts * unit)


def flat(x: np.ndarray) -> np.ndarray:
    """A contiguous array as a vector."""
    return x if x.ndim == 1 else x.ravel()


class Ranged:
    """A kernel over the elements ``low`` to ``high``, its first two parameters, run by the caller or in equal parts."""

    def __init__(self, body: Callable, loop: str) -> None:
        functools.update_wrapper(self, body)
        self.body, self.loop = body, loop
        self.serial = kernel(body)
        self.loops: dict[tuple, Callable] = {}

    def __call__(self, count: int, nanoseconds: float, *arguments: Any, unit: int = 1) -> Any:
        """Elements 0 to ``count``, which take one thread so long; parts begin at multiples of ``unit``."""
        if nanoseconds < LAUNCH:
            return self.serial(0, count, *arguments)
        form: list = []
        leaves: list = []
        _flatten(arguments, form, leaves)
        key = tuple(form)
        run = self.loops.get(key) or self._compile(key, arguments)
        return run(count, unit, threads(nanoseconds), *leaves)

    def _compile(self, key: tuple, arguments: tuple) -> Callable:
        """The loop over parts for arguments of such a form; a parallel loop takes no tuples of tuples, and no None."""
        place, names_of_leaves = self.body.__code__, []
        text = _expression(arguments, names_of_leaves)
        source = self.loop.format("".join(f", {name}" for name in names_of_leaves), text[1:-1])
        (code,) = (c for c in compile(source, place.co_filename, "exec").co_consts if hasattr(c, "co_name"))
        names = {"serial": self.serial, "bound": bound, "prange": prange, "np": np, "SUM_PARTS": SUM_PARTS}
        names |= {type(x).__name__: type(x) for x in _tuples(arguments)}
        run = FunctionType(code.replace(co_firstlineno=place.co_firstlineno), names)
        run.__name__ = run.__qualname__ = f"{self.body.__name__}_in_parts_{crc32(text.encode()):08x}"
        run.__module__ = self.body.__module__
        self.loops[key] = prove_kernel(parallel(run))
        return self.loops[key]


def ranged(body: Callable) -> Ranged:
    """Decorator: ``f(low, high, ...)`` becomes ``f(count, nanoseconds, ...)``, and the threads share the elements."""
    return Ranged(body, IN_PARTS)


def ranged_sum(body: Callable) -> Ranged:
    """The same for a body that returns a sum over its elements, a double: added up in one order for many elements."""
    return Ranged(body, IN_FIXED_PARTS)


def _flatten(arguments: tuple, form: list, leaves: list) -> None:
    """Append the arrays and numbers in ``arguments`` to ``leaves``, and to ``form`` what lies around them."""
    for x in arguments:
        if isinstance(x, tuple):
            form += type(x), len(x)
            _flatten(x, form, leaves)
        elif x is None:
            form.append(None)
        else:
            form.append(True)
            leaves.append(x)


def _expression(x: Any, names: list[str]) -> str:
    """The expression that makes ``x`` of the arrays and numbers in it, x0, x1 ..., which are appended to ``names``."""
    if x is None:
        return "None"
    if isinstance(x, tuple):
        made = "" if type(x) is tuple else type(x).__name__
        return f"{made}({''.join(f'{_expression(v, names)}, ' for v in x)})"
    names.append(f"x{len(names)}")
    return names[-1]


def _tuples(x: Any) -> Iterator[tuple]:
    """All tuples in ``x``."""
    if isinstance(x, tuple):
        yield x
        for v in x:
            yield from _tuples(v)
