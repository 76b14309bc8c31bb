"""NCEModule: scores of the target and of some noise words, and their gradients, on the rows of a large weight.

Rows are read and written where they lie. ``indices`` are 1-based rows, and :class:`Words` says where the words of a
sample are in it. Threads share out the samples, or for parameters the columns, so that sums are in one
order for any number of threads.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from torch7.random import bernoulli, random

from ..cpu.gemm.gemv import dot
from ..cpu.runtime.jit import inner, kernel
from ..cpu.runtime.partition import ranged
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd

#: Nanoseconds that one element of one word's row takes.
WORK = 0.04


class Words(NamedTuple):
    """Where words are among the indices: sample n has its target at ``target + n * target_step``.

    Its first noise word is at ``noise + n * noise_step``; ``noise_step`` is 0 where the samples share their noise.
    """

    target: int
    target_step: int
    noise: int
    noise_step: int


class Rows(NamedTuple):
    """The rows of a weight, or of its gradient, that indices name, from 1."""

    data: np.ndarray
    indices: np.ndarray


def NCEModule_draw(drawn: Any, J: np.ndarray, q: np.ndarray) -> None:
    """Fill ``drawn``, int64, with categories from 1 on by the alias method: slot k yields k with probability q[k - 1].

    Else it yields J[k - 1].
    """
    slots = random(np.empty(drawn.shape, np.int64), 1, len(J)) - 1
    kept = bernoulli(np.empty(drawn.shape, np.uint8), q[slots])
    drawn[...] = np.where(kept, slots + 1, J[slots])


def NCEModule_frequencies(indices: Any, unigrams: Any, out: Any) -> None:
    """``out``: the unigrams of the words, from 1 on."""
    out[...] = unigrams[indices - 1]


@inner
def _row(rows, i):
    return simd.at(rows.data, (rows.indices[i] - 1) * rows.data.shape[1])


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


@inner
def _noise_dots(x, n, rows, noise, y, k):
    """y[j] = x . (row of noise word j)"""
    whole = k - k % 4
    for j in range(0, whole, 4):
        a, b = _row(rows, noise + j), _row(rows, noise + j + 1)
        c, d = _row(rows, noise + j + 2), _row(rows, noise + j + 3)
        _four_dots(x, n, a, b, c, d, simd.at(y, j))
    for j in range(whole, k):
        simd.put(y, j, dot(x, _row(rows, noise + j), n))


@ranged
def _scores(low, high, x, rows, bias, words, factor, scores):
    pt, ps = scores
    n, k = x.shape[1], ps.shape[1]
    for m in range(low, high):
        sample = simd.at(x, m * n)
        target, noise = words.target + m * words.target_step, words.noise + m * words.noise_step
        pt[m] = vecmath.exp(dot(sample, _row(rows, target), n) + bias[rows.indices[target] - 1]) * factor
        _noise_dots(sample, n, rows, noise, simd.at(ps, m * k), k)
        row = ps[m]
        for j in range(k):
            row[j] += bias[rows.indices[noise + j] - 1]
        for j in range(k):
            row[j] = vecmath.exp(row[j]) * factor


def NCEModule_updateOutput(
    x: Any, weight: Any, bias: Any, indices: Any, plan: tuple, factor: Any, pt: Any, ps: Any
) -> int:
    """``factor * exp(w . x + b)`` of the targets, ``pt``, and of the noise, ``ps``; -1, for nothing is wrong.

    On a GPU ``factor`` may be an array of one element, by which is divided; what is wrong is that it is not positive.
    """
    rows, nanoseconds = Rows(weight, indices), WORK * x.size * (ps.shape[1] + 1)
    _scores(len(x), nanoseconds, x, rows, bias, Words(*plan), x.dtype.type(factor), (pt, ps))
    return -1


@inner
def _four_vectors(rows, words, a, b, k, dx, i):
    """Four vectors of :func:`_sum_of_words`, from element i on."""
    width, (target, noise) = simd.lanes(dx), words
    row, s = simd.at(_row(rows, target), i), simd.splat(dx, a)
    p, q = simd.load(row, 0) * s, simd.load(row, width) * s
    u, v = simd.load(row, 2 * width) * s, simd.load(row, 3 * width) * s
    for j in range(k):
        row, s = simd.at(_row(rows, noise + j), i), simd.splat(dx, simd.get(b, j))
        p, q = simd.fma(simd.load(row, 0), s, p), simd.fma(simd.load(row, width), s, q)
        u, v = simd.fma(simd.load(row, 2 * width), s, u), simd.fma(simd.load(row, 3 * width), s, v)
    simd.store(dx, i, p)
    simd.store(dx, i + width, q)
    simd.store(dx, i + 2 * width, u)
    simd.store(dx, i + 3 * width, v)


@inner
def _sum_of_words(rows, words, a, b, k, dx, n):
    """dx = a * (row of the target) + sum over j of b[j] * (row of noise word j)"""
    width, (target, noise) = simd.lanes(dx), words
    for i in range(0, n, 4 * width):
        if i + 4 * width <= n:
            _four_vectors(rows, words, a, b, k, dx, i)
            continue
        for c in range(i, n, width):
            p = simd.load_first(_row(rows, target), c, n - c) * a
            for j in range(k):
                p = simd.fma(simd.load_first(_row(rows, noise + j), c, n - c), simd.get(b, j), p)
            simd.store_first(dx, c, p, n - c)


@ranged
def _gradient(low, high, a, b, rows, words, dx):
    n, k = dx.shape[1], b.shape[1]
    for m in range(low, high):
        own = words.target + m * words.target_step, words.noise + m * words.noise_step
        _sum_of_words(rows, own, a[m], simd.at(b, m * k), k, simd.at(dx, m * n), n)


def NCEModule_updateGradInput(a: Any, b: Any, weight: Any, indices: Any, plan: tuple, gradInput: Any) -> None:
    """``a * (row of the target) + sum of b[j] * (row of noise word j)``.

    a and b are d loss / d exponent = d loss / d score * score.
    """
    nanoseconds = WORK * gradInput.size * (b.shape[1] + 1)
    _gradient(len(gradInput), nanoseconds, a, b, Rows(weight, indices), Words(*plan), gradInput)


@inner
def _two_sums(x, b, j, i, left):
    """sum over m of b[m][j] * x[m], for two vectors of columns from i on, of which ``left`` are in the second."""
    n, k, width = x.shape[1], b.shape[1], simd.lanes(x)
    first, second = simd.splat(x, 0), simd.splat(x, 0)
    if left >= width:
        for m in range(len(x)):
            s = simd.splat(x, simd.get(b, m * k + j))
            first = simd.fma(simd.load(x, m * n + i), s, first)
            second = simd.fma(simd.load(x, m * n + i + width), s, second)
        return first, second
    for m in range(len(x)):
        s = simd.splat(x, simd.get(b, m * k + j))
        first = simd.fma(simd.load_first(x, m * n + i, left + width), s, first)
        if left > 0:
            second = simd.fma(simd.load_first(x, m * n + i + width, left), s, second)
    return first, second


@inner
def _sum_of_samples(x, b, j, y, scale, low, high):
    """y += scale * sum over m of b[m][j] * x[m], for columns from low to high"""
    width = simd.lanes(x)
    for i in range(low, high, 2 * width):
        left = high - i - width
        first, second = _two_sums(x, b, j, i, left)
        simd.store_first(y, i, simd.fma(first, scale, simd.load_first(y, i, high - i)), high - i)
        if left > 0:
            simd.store_first(y, i + width, simd.fma(second, scale, simd.load_first(y, i + width, left)), left)


@ranged
def _accumulate(low, high, x, gradients, rows, words, scale):
    """Add to some columns of the rows."""
    a, b = gradients
    k, n = b.shape[1], x.shape[1]
    if words.noise_step == 0:
        for j in range(k):
            _sum_of_samples(x, b, j, _row(rows, words.noise + j), scale, low, high)
    for m in range(len(x)):
        sample = simd.at(x, m * n)
        _add_scaled(_row(rows, words.target + m * words.target_step), scale * a[m], sample, low, high)
        for j in range(k if words.noise_step else 0):
            row = _row(rows, words.noise + m * words.noise_step + j)
            _add_scaled(row, scale * b[m, j], sample, low, high)


@kernel
def _accumulate_bias(a, b, indices, words, scale, dbias):
    for m in range(len(a)):
        dbias[indices[words.target + m * words.target_step] - 1] += scale * a[m]
        for j in range(b.shape[1]):
            dbias[indices[words.noise + m * words.noise_step + j] - 1] += scale * b[m, j]


def NCEModule_accGradParameters(
    x: Any, a: Any, b: Any, indices: Any, plan: tuple, scale: float, gradWeight: Any, gradBias: Any
) -> None:
    """Add to the rows and biases of the words that were drawn ``scale`` times their gradients."""
    scale, words, nanoseconds = x.dtype.type(scale), Words(*plan), WORK * x.size * (b.shape[1] + 1)
    _accumulate(x.shape[1], nanoseconds, x, (a, b), Rows(gradWeight, indices), words, scale, unit=16)
    _accumulate_bias(a, b, indices, words, scale, gradBias)
