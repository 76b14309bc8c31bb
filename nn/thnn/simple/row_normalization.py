"""Normalisation of the rows of a matrix: layer, group and root-mean-square normalisation.

A row of ``n`` numbers is ``channels`` runs of ``inner``; each run has a weight and a bias, and the rows take turns in
``groups`` sets of them: layer normalisation has one group of n channels and runs of one number. ``centred`` subtracts
the mean; without it rows are divided by their root mean square. Means and deviations are kept as doubles. The gradients
of weight and bias are sums over rows in fixed parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ..cpu.runtime.jit import inlined, inner
from ..cpu.runtime.partition import SUM_PARTS, bound, ranged
from ..cpu.runtime.workspace import take
from ..cpu.simd import registers as simd
from .row_moments import BLOCK, moments

#: Elements that the partial sums of the gradients of weight and bias may take together: 4 MB of float32.
SUMS = 1 << 20
#: Elements of the input that have partial sums of their own, at least.
PART = 1 << 14


class Rows(NamedTuple):
    """How rows are divided: groups that take turns, channels of each, numbers of a channel."""

    groups: int
    channels: int
    inner: int


@inner
def _number(v, k, otherwise):
    """Element k of a vector that may be missing."""
    return otherwise if v is None else np.float64(v[k])


@inner
def _next(v, k, count, otherwise):
    """The next numbers of a vector that may be missing."""
    return otherwise if v is None else simd.load_first(v, k, count)


@inlined
def _scaled_next(x, y, j, k, count, affine, mean, scale):
    """The next numbers of a row, from ``j`` on, with weights and biases from ``k`` on."""
    w, b = _next(affine[0], k, count, simd.splat(x, 1)), _next(affine[1], k, count, simd.splat(x, 0))
    simd.store_first(y, j, simd.fma((simd.load_first(x, j, count) - mean) * scale, w, b), count)


@inlined
def _scaled_row(x, y, start, n, affine, first, mean, scale):
    """A row with a weight and a bias for each number, those from ``first`` on."""
    width = simd.lanes(x)
    full = n - n % width
    for i in range(0, full, width):
        _scaled_next(x, y, start + i, first + i, width, affine, mean, scale)
    if full < n:
        _scaled_next(x, y, start + full, first + full, n - full, affine, mean, scale)


@inlined
def _scaled_run(x, y, start, n, mean, factor, shift):
    width, end = simd.lanes(x), start + n
    full = end - n % width
    f, s = simd.splat(x, factor), simd.splat(x, shift)
    for i in range(start, full, width):
        simd.store(y, i, simd.fma(simd.load(x, i) - mean, f, s))
    if full < end:
        simd.store_first(y, full, simd.fma(simd.load_first(x, full, end - full) - mean, f, s), end - full)


@ranged
def _forward_rows(low, high, x, y, saved, affine, rows, options):
    centred, eps = options
    n, x_, y_ = rows.channels, simd.at(x, 0), simd.at(y, 0)
    affine_ = simd.at(affine[0], 0), simd.at(affine[1], 0)
    for r in range(low, high):
        mean, inverse = saved[0, r], saved[1, r] = moments(x_, r * n, n, centred, eps)
        _scaled_row(x_, y_, r * n, n, affine_, r % rows.groups * n, mean, inverse)


@ranged
def _forward_runs(low, high, x, y, saved, affine, rows, options):
    (weight, bias), (centred, eps) = affine, options
    n, x_, y_ = rows.channels * rows.inner, simd.at(x, 0), simd.at(y, 0)
    for r in range(low, high):
        mean, inverse = saved[0, r], saved[1, r] = moments(x_, r * n, n, centred, eps)
        first = r % rows.groups * rows.channels
        for c in range(rows.channels):
            factor, shift = inverse * _number(weight, first + c, 1.0), _number(bias, first + c, 0.0)
            _scaled_run(x_, y_, r * n + c * rows.inner, rows.inner, mean, factor, shift)


@inlined
def _add_products(sums, half, k, count, by_weight, by_bias):
    """Add to the sums over rows, if there are any: ``half`` for the weights, and as many for the biases."""
    if half:
        simd.store_first(sums, k, by_weight + simd.load_first(sums, k, count), count)
        simd.store_first(sums, half + k, by_bias + simd.load_first(sums, half + k, count), count)


@inlined
def _next_products(arrays, j, k, count, weight, moments, sums):
    """The next gradients times their weights, and normalised numbers; what they add to the sums over rows."""
    x, dy, _ = arrays
    g, v = simd.load_first(dy, j, count), (simd.load_first(x, j, count) - moments[0]) * moments[1]
    _add_products(sums[0], sums[1], k, count, g * v, g)
    return g * _next(weight, k, count, simd.splat(x, 1)), v


@inlined
def _row_sums(arrays, start, n, weight, moments, sums, first):
    """The sum of the gradients by the normalised numbers of a row, and of them times these.

    Weights begin at ``first``; ``sums``: those over rows, and how many are the weights'.
    """
    x, total, dot, width = arrays[0], 0.0, 0.0, simd.lanes(arrays[0])
    for block in range(0, n, BLOCK):
        a = b = simd.splat(x, 0)
        end = min(block + BLOCK, n)
        full = end - end % width
        for i in range(block, full, width):
            g, v = _next_products(arrays, start + i, first + i, width, weight, moments, sums)
            a, b = a + g, simd.fma(g, v, b)
        if full < end:
            g, v = _next_products(arrays, start + full, first + full, end - full, weight, moments, sums)
            a, b = a + g, simd.fma(g, v, b)
        total, dot = total + simd.total(a), dot + simd.total(b)
    return total, dot


@inlined
def _next_gradient(arrays, j, k, count, weight, moments, center, factor):
    x, dy, dx = arrays
    v = simd.load_first(dy, j, count) * _next(weight, k, count, simd.splat(x, 1)) - center
    v -= (simd.load_first(x, j, count) - moments[0]) * factor
    simd.store_first(dx, j, v * moments[1], count)


@inlined
def _row_gradient(arrays, start, n, weight, first, moments, center, slope):
    """``(d - center - xhat slope) inverse`` for d, the gradient by the normalised row."""
    width, factor = simd.lanes(arrays[0]), slope * moments[1]
    full = n - n % width
    for i in range(0, full, width):
        _next_gradient(arrays, start + i, first + i, width, weight, moments, center, factor)
    if full < n:
        _next_gradient(arrays, start + full, first + full, n - full, weight, moments, center, factor)


@ranged
def _rows_backward(low, high, arrays, saved, weight, sums, rows, centred):
    """Parts ``low`` to ``high`` of the rows, each with its own sums over rows."""
    n, parts, count, half = rows.channels, sums.shape[0], saved.shape[1], sums.shape[1] // 2
    pointers, weight_ = (simd.at(arrays[0], 0), simd.at(arrays[1], 0), simd.at(arrays[2], 0)), simd.at(weight, 0)
    for part in range(low, high):
        sums[part] = 0
        sums_ = simd.at(sums, part * 2 * half), half
        for r in range(bound(count, part, parts, 1), bound(count, part + 1, parts, 1)):
            first, moments_ = r % rows.groups * n, (saved[0, r], saved[1, r])
            total, dot = _row_sums(pointers, r * n, n, weight_, moments_, sums_, first)
            center = total / n if centred else 0.0
            _row_gradient(pointers, r * n, n, weight_, first, moments_, center, dot / n)


@inlined
def _run_sums(x, dy, start, n, mean):
    """The sums of a run of gradients, and of them times the distances from the mean."""
    width, end = simd.lanes(x), start + n
    total, dot = 0.0, 0.0
    for block in range(start, end, BLOCK):
        a = b = c = d = simd.splat(x, 0)
        stop = min(block + BLOCK, end)
        full = stop - (stop - block) % (2 * width)
        for i in range(block, full, 2 * width):
            g, h = simd.load(dy, i), simd.load(dy, i + width)
            a, b = a + g, simd.fma(g, simd.load(x, i) - mean, b)
            c, d = c + h, simd.fma(h, simd.load(x, i + width) - mean, d)
        for i in range(full, stop, width):
            g = simd.load_first(dy, i, stop - i)
            a, b = a + g, simd.fma(g, simd.load_first(x, i, stop - i) - mean, b)
        total, dot = total + simd.total(a + c), dot + simd.total(b + d)
    return total, dot


@inlined
def _run_next(x, dy, dx, i, count, numbers, weight):
    mean, inverse, center, slope = numbers
    v = simd.load_first(dy, i, count) * weight - center
    v -= (simd.load_first(x, i, count) - mean) * slope
    simd.store_first(dx, i, v * inverse, count)


@inlined
def _run_gradient(x, dy, dx, start, n, numbers, weight):
    width, end = simd.lanes(x), start + n
    full = end - n % width
    for i in range(start, full, width):
        _run_next(x, dy, dx, i, width, numbers, weight)
    if full < end:
        _run_next(x, dy, dx, full, end - full, numbers, weight)


@ranged
def _runs_backward(low, high, arrays, saved, weight, sums, rows, centred):
    """Rows of runs; ``sums`` are those of every run of every row."""
    x, dy, dx = simd.at(arrays[0], 0), simd.at(arrays[1], 0), simd.at(arrays[2], 0)
    inner, n = rows.inner, rows.channels * rows.inner
    for r in range(low, high):
        mean, inverse = saved[0, r], saved[1, r]
        first, total, dot = r % rows.groups * rows.channels, 0.0, 0.0
        for c in range(rows.channels):
            start, w = r * n + c * inner, _number(weight, first + c, 1.0)
            a, b = _run_sums(x, dy, start, inner, mean)
            sums[0, r, c], sums[1, r, c] = b * inverse, a
            total, dot = total + w * a, dot + w * b * inverse
        numbers = mean, inverse, total / n if centred else 0.0, dot * inverse / n
        for c in range(rows.channels):
            start = r * n + c * inner
            _run_gradient(x, dy, dx, start, inner, numbers, _number(weight, first + c, 1.0))


@ranged
def _add_up(low, high, sums, result):
    """``result[k]``, the sum of column k; the first row takes it too."""
    total, target = sums[0, low:high], result[low:high]
    for part in range(1, sums.shape[0]):
        row = sums[part, low:high]
        for k in range(row.size):
            total[k] += row[k]
    for k in range(target.size):
        target[k] = total[k]


def _flat(x: Any) -> Any:
    return x.reshape(x.size)


def RowNormalization_updateOutput(
    input: Any, output: Any, saved: Any, affine: tuple, rows: tuple, centred: bool, eps: float
) -> None:
    """``output = (input - mean) / sqrt(var + eps) * weight + bias`` of every row.

    ``affine``: weight and bias, vectors or None; ``rows``: groups, channels, inner; ``saved``: 2 x rows, takes means
    and inverse deviations.
    """
    RowNormalization_ready(output, saved, affine, rows, centred, eps)(input)


def RowNormalization_ready(
    output: Any, saved: Any, affine: tuple, rows: tuple, centred: bool, eps: float
) -> Callable[[Any], None]:
    """:func:`RowNormalization_updateOutput` as a function of the input alone, for many of one size."""
    arrays = saved, tuple(None if v is None else _flat(v) for v in affine)
    options, y, work = (Rows(*rows), (centred, float(eps))), _flat(output), 0.3 * output.size
    forward, count = _forward_rows if rows[2] == 1 else _forward_runs, saved.shape[1]
    return lambda input: forward(count, work, input.reshape(-1), y, *arrays, *options)


def RowNormalization_backward(arrays: tuple, saved: Any, parameters: tuple, rows: tuple, centred: bool) -> None:
    """``gradInput = (d - mean(d) - xhat mean(d xhat)) / sqrt(var + eps)`` of every row, d = gradOutput * weight.

    ``arrays``: input, gradOutput, gradInput; ``parameters``: weight, its gradient and the bias's, which are written;
    vectors or None.
    """
    weight, gradWeight, gradBias = (None if v is None else _flat(v) for v in parameters)
    x, dy, dx = map(_flat, arrays)
    rows, count, work = Rows(*rows), saved.shape[1], 1.0 * x.size
    wanted = gradWeight is not None or gradBias is not None
    size = rows.groups * rows.channels
    if rows.inner == 1:
        parts = max(1, min(SUM_PARTS, count // max(4, PART // size), SUMS // size))
        sums = take("RowNormalization", x.dtype, parts * 2 * size * wanted).reshape(parts, -1)
        _rows_backward(parts, work, (x, dy, dx), saved, weight, sums, rows, centred)
        by_weight, by_bias = sums[:, : size * wanted], sums[:, size * wanted :]
    else:
        sums = take("RowNormalization", np.dtype(np.float64), 2 * count * rows.channels)
        sums = sums.reshape(2, count, rows.channels)
        _runs_backward(count, work, (x, dy, dx), saved, weight, sums, rows, centred)
        by_weight, by_bias = sums.reshape(2, count // rows.groups, size)
    for total, result in ((by_weight, gradWeight), (by_bias, gradBias)):
        if result is not None:
            _add_up(size, 1.0 * total.size, total, result)
