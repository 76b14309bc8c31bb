"""NCEModule: scores of the target and of some noise words, and their gradients, on the rows of a large weight.

Rows are read and written where they lie. ``indices`` are 1-based rows, ``plan`` says where the words of sample n are in
it: its target at ``plan[0] + n * plan[1]``, its first noise word at ``plan[2] + n * plan[3]``, with ``plan[3]`` 0 where
the samples share their noise. Threads share out the samples, or for parameters the columns, so that sums are in one
order for any number of threads.
"""

from __future__ import annotations

from typing import Any

from numba import prange

from ..cpu.gemm.gemv import dot
from ..cpu.runtime.jit import inner, kernel, parallel
from ..cpu.runtime.partition import bound, threads
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd

#: Nanoseconds that one element of one word's row takes.
WORK = 0.04


@inner
def _row(weight, indices, i):
    return simd.at(weight, (indices[i] - 1) * weight.shape[1])


@inner
def _four_dots(x, n, a, b, c, d, y):
    """y = x . a, x . b, x . c, x . d"""
    width = simd.lanes(x)
    s, t, u, v = simd.splat(x, 0), simd.splat(x, 0), simd.splat(x, 0), simd.splat(x, 0)
    whole = n - n % width
    for i in range(0, whole, width):
        e = simd.load(x, i)
        s, t = simd.fma(e, simd.load(a, i), s), simd.fma(e, simd.load(b, i), t)
        u, v = simd.fma(e, simd.load(c, i), u), simd.fma(e, simd.load(d, i), v)
    if whole < n:
        e, rest = simd.load_first(x, whole, n - whole), n - whole
        s, t = simd.fma(e, simd.load_first(a, whole, rest), s), simd.fma(e, simd.load_first(b, whole, rest), t)
        u, v = simd.fma(e, simd.load_first(c, whole, rest), u), simd.fma(e, simd.load_first(d, whole, rest), v)
    simd.put(y, 0, simd.total(s))
    simd.put(y, 1, simd.total(t))
    simd.put(y, 2, simd.total(u))
    simd.put(y, 3, simd.total(v))


@inner
def _add_scaled(y, factor, x, low, high):
    """y += factor * x, for elements from low to high"""
    width = simd.lanes(x)
    for i in range(low, high, width):
        count = high - i
        simd.store_first(y, i, simd.fma(simd.load_first(x, i, count), factor, simd.load_first(y, i, count)), count)


@kernel
def _scores(x, weight, bias, indices, plan, factor, pt, ps, low, high):
    n, k = x.shape[1], ps.shape[1]
    for m in range(low, high):
        sample, scores = simd.at(x, m * n), simd.at(ps, m * k)
        target, noise = plan[0] + m * plan[1], plan[2] + m * plan[3]
        pt[m] = vecmath.exp(dot(sample, _row(weight, indices, target), n) + bias[indices[target] - 1]) * factor
        whole = k - k % 4
        for j in range(0, whole, 4):
            a, b = _row(weight, indices, noise + j), _row(weight, indices, noise + j + 1)
            c, d = _row(weight, indices, noise + j + 2), _row(weight, indices, noise + j + 3)
            _four_dots(sample, n, a, b, c, d, simd.at(scores, j))
        for j in range(whole, k):
            simd.put(scores, j, dot(sample, _row(weight, indices, noise + j), n))
        row = ps[m]
        for j in range(k):
            row[j] += bias[indices[noise + j] - 1]
        for j in range(k):
            row[j] = vecmath.exp(row[j]) * factor


@parallel
def _scores_parallel(x, weight, bias, indices, plan, factor, pt, ps, parts):
    for t in prange(parts):
        low, high = bound(len(x), t, parts, 1), bound(len(x), t + 1, parts, 1)
        _scores(x, weight, bias, indices, plan, factor, pt, ps, low, high)


def NCEModule_updateOutput(
    x: Any, weight: Any, bias: Any, indices: Any, plan: tuple, factor: float, pt: Any, ps: Any
) -> None:
    """``factor * exp(w . x + b)`` of the targets, ``pt``, and of the noise, ``ps``."""
    factor, parts = x.dtype.type(factor), threads(WORK * x.size * (ps.shape[1] + 1))
    if parts == 1:
        _scores(x, weight, bias, indices, plan, factor, pt, ps, 0, len(x))
    else:
        _scores_parallel(x, weight, bias, indices, plan, factor, pt, ps, parts)


@inner
def sum_of_rows(weight, indices, target, a, noise, b, k, dx, n):
    """dx = a * (row of the target) + sum over j of b[j] * (row of noise word j)"""
    width = simd.lanes(dx)
    for i in range(0, n, 4 * width):
        row, s = simd.at(_row(weight, indices, target), i), simd.splat(dx, a)
        if i + 4 * width <= n:
            p, q = simd.load(row, 0) * s, simd.load(row, width) * s
            u, v = simd.load(row, 2 * width) * s, simd.load(row, 3 * width) * s
            for j in range(k):
                row, s = simd.at(_row(weight, indices, noise + j), i), simd.splat(dx, simd.get(b, j))
                p, q = simd.fma(simd.load(row, 0), s, p), simd.fma(simd.load(row, width), s, q)
                u, v = simd.fma(simd.load(row, 2 * width), s, u), simd.fma(simd.load(row, 3 * width), s, v)
            simd.store(dx, i, p)
            simd.store(dx, i + width, q)
            simd.store(dx, i + 2 * width, u)
            simd.store(dx, i + 3 * width, v)
        else:
            for c in range(i, n, width):
                p = simd.load_first(_row(weight, indices, target), c, n - c) * a
                for j in range(k):
                    p = simd.fma(simd.load_first(_row(weight, indices, noise + j), c, n - c), simd.get(b, j), p)
                simd.store_first(dx, c, p, n - c)


@kernel
def _gradient(a, b, weight, indices, plan, dx, low, high):
    n, k = dx.shape[1], b.shape[1]
    for m in range(low, high):
        target, noise = plan[0] + m * plan[1], plan[2] + m * plan[3]
        sum_of_rows(weight, indices, target, a[m], noise, simd.at(b, m * k), k, simd.at(dx, m * n), n)


@parallel
def _gradient_parallel(a, b, weight, indices, plan, dx, parts):
    for t in prange(parts):
        low, high = bound(len(dx), t, parts, 1), bound(len(dx), t + 1, parts, 1)
        _gradient(a, b, weight, indices, plan, dx, low, high)


def NCEModule_updateGradInput(a: Any, b: Any, weight: Any, indices: Any, plan: tuple, gradInput: Any) -> None:
    """``a * (row of the target) + sum of b[j] * (row of noise word j)``: a, b are the gradients of the exponents."""
    parts = threads(WORK * gradInput.size * (b.shape[1] + 1))
    if parts == 1:
        _gradient(a, b, weight, indices, plan, gradInput, 0, len(gradInput))
    else:
        _gradient_parallel(a, b, weight, indices, plan, gradInput, parts)


@inner
def _sum_of_samples(x, b, j, y, scale, low, high):
    """y += scale * sum over m of b[m][j] * x[m], for columns from low to high"""
    width = simd.lanes(x)
    n, k = x.shape[1], b.shape[1]
    for i in range(low, high, 2 * width):
        first, second = simd.splat(x, 0), simd.splat(x, 0)
        left = max(0, high - i - width)
        if left >= width:
            for m in range(len(x)):
                s = simd.splat(x, simd.get(b, m * k + j))
                first = simd.fma(simd.load(x, m * n + i), s, first)
                second = simd.fma(simd.load(x, m * n + i + width), s, second)
        else:
            for m in range(len(x)):
                s = simd.splat(x, simd.get(b, m * k + j))
                first = simd.fma(simd.load_first(x, m * n + i, high - i), s, first)
                if left:
                    second = simd.fma(simd.load_first(x, m * n + i + width, left), s, second)
        simd.store_first(y, i, simd.fma(first, scale, simd.load_first(y, i, high - i)), high - i)
        if left:
            simd.store_first(y, i + width, simd.fma(second, scale, simd.load_first(y, i + width, left)), left)


@kernel
def _accumulate(x, a, b, indices, plan, scale, dweight, low, high):
    k, n = b.shape[1], x.shape[1]
    if plan[3] == 0:
        for j in range(k):
            _sum_of_samples(x, b, j, _row(dweight, indices, plan[2] + j), scale, low, high)
    for m in range(len(x)):
        sample = simd.at(x, m * n)
        _add_scaled(_row(dweight, indices, plan[0] + m * plan[1]), scale * a[m], sample, low, high)
        if plan[3]:
            for j in range(k):
                row = _row(dweight, indices, plan[2] + m * plan[3] + j)
                _add_scaled(row, scale * b[m, j], sample, low, high)


@kernel
def _accumulate_bias(a, b, indices, plan, scale, dbias):
    for m in range(len(a)):
        dbias[indices[plan[0] + m * plan[1]] - 1] += scale * a[m]
        for j in range(b.shape[1]):
            dbias[indices[plan[2] + m * plan[3] + j] - 1] += scale * b[m, j]


@parallel
def _accumulate_parallel(x, a, b, indices, plan, scale, dweight, parts):
    for t in prange(parts):
        low, high = bound(x.shape[1], t, parts, 16), bound(x.shape[1], t + 1, parts, 16)
        _accumulate(x, a, b, indices, plan, scale, dweight, low, high)


def NCEModule_accGradParameters(
    x: Any, a: Any, b: Any, indices: Any, plan: tuple, scale: float, gradWeight: Any, gradBias: Any
) -> None:
    """Add to the rows and biases of the words that were drawn ``scale`` times their gradients."""
    scale, parts = x.dtype.type(scale), threads(WORK * x.size * (b.shape[1] + 1))
    if parts == 1:
        _accumulate(x, a, b, indices, plan, scale, gradWeight, 0, x.shape[1])
    else:
        _accumulate_parallel(x, a, b, indices, plan, scale, gradWeight, parts)
    _accumulate_bias(a, b, indices, plan, scale, gradBias)
