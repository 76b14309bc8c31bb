"""Mean and deviation of a row of numbers.

Sums grow in vectors for a block, in the numbers' own type; the blocks are added up as doubles.
"""

from __future__ import annotations

import math

import numpy as np

from ..cpu.runtime.jit import inner
from ..cpu.simd import registers as simd

#: Elements that are summed in their own type.
BLOCK = 2048


@inner
def _sum(x, start, n):
    """The sum of a block; four vectors at a time, as none of them then waits for another."""
    width, end = simd.lanes(x), start + n
    rest = end - n % (4 * width)
    a = b = c = d = simd.splat(x, 0)
    for i in range(start, rest, 4 * width):
        a += simd.load(x, i)
        b += simd.load(x, i + width)
        c += simd.load(x, i + 2 * width)
        d += simd.load(x, i + 3 * width)
    for i in range(rest, end, width):
        a += simd.load_first(x, i, end - i)
    return np.float64(simd.total((a + b) + (c + d)))


@inner
def _distances(x, start, n, pivot):
    """The sums of a block's distances from a number, and of their squares."""
    width, end = simd.lanes(x), start + n
    rest = end - n % (2 * width)
    a = b = p = q = simd.splat(x, 0)
    for i in range(start, rest, 2 * width):
        v, w = simd.load(x, i) - pivot, simd.load(x, i + width) - pivot
        a, b, p, q = a + v, b + w, simd.fma(v, v, p), simd.fma(w, w, q)
    for i in range(rest, end, width):
        v = simd.load_first(x, i, end - i) - pivot
        v = simd.select(simd.steps(x, 0) < end - i, v, simd.splat(x, 0))
        a, p = a + v, simd.fma(v, v, p)
    return np.float64(simd.total(a + b)), np.float64(simd.total(p + q))


@inner
def moments(x, start, n, centred, eps):
    """The mean of a row, 0 unless centred, and the inverse of its deviation from it.

    Distances are taken from the mean of the first k numbers, which lies at most sqrt(n / k) deviations from that of
    all, so that the difference of the two sums loses no more than a factor n / k of the precision.
    """
    k = min(n, max(32, n // 16))
    pivot = _sum(x, start, min(k, BLOCK)) / min(k, BLOCK) if centred else 0.0
    total, squares = 0.0, 0.0
    for i in range(0, n, BLOCK):
        t, s = _distances(x, start + i, min(BLOCK, n - i), pivot)
        total, squares = total + t, squares + s
    shift = total / n if centred else 0.0
    return pivot + shift, 1 / math.sqrt(max(squares / n - shift * shift, 0.0) + eps)
