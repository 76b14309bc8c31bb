"""Normalisation of the rows of a matrix: layer, group and root-mean-square normalisation.

A row of ``n`` numbers is ``channels`` runs of ``inner``; each run has a weight and a bias, and the rows take turns in
``groups`` sets of them: layer normalisation has one group of n channels and runs of one number. ``centred`` subtracts
the mean; without it rows are divided by their root mean square. Means and deviations are kept as doubles. The gradients
of weight and bias are sums over rows in fixed parts.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..cpu.runtime.jit import kernel
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


@kernel
def _number(v, k, otherwise):
    """Element k of a vector that may be missing."""
    return otherwise if v is None else np.float64(v[k])


@kernel
def _next(v, k, count, otherwise):
    """The next numbers of a vector that may be missing."""
    return otherwise if v is None else simd.load_first(v, k, count)


@kernel
def _scaled_row(x, y, saved, r, n, affine, first):
    """A row with a weight and a bias for each number, those from ``first`` on."""
    one, zero, start, mean, scale = simd.splat(x, 1), simd.splat(x, 0), r * n, saved[0, r], saved[1, r]
    for i in range(0, n, simd.lanes(x)):
        count, j = n - i, start + i
        w, b = _next(affine[0], first + i, count, one), _next(affine[1], first + i, count, zero)
        simd.store_first(y, j, simd.fma((simd.load_first(x, j, count) - mean) * scale, w, b), count)


@kernel
def _scaled_run(x, y, start, n, mean, factor, shift):
    width, end = simd.lanes(x), start + n
    for i in range(start, end, width):
        v = simd.fma(simd.load_first(x, i, end - i) - mean, simd.splat(x, factor), simd.splat(x, shift))
        simd.store_first(y, i, v, end - i)


@ranged
def _forward_rows(low, high, x, y, saved, affine, rows, options):
    centred, eps = options
    n = rows.channels
    for r in range(low, high):
        saved[0, r], saved[1, r] = moments(x, r * n, n, centred, eps)
        _scaled_row(x, y, saved, r, n, affine, r % rows.groups * n)


@ranged
def _forward_runs(low, high, x, y, saved, affine, rows, options):
    (weight, bias), (centred, eps) = affine, options
    n = rows.channels * rows.inner
    for r in range(low, high):
        mean, inverse = saved[0, r], saved[1, r] = moments(x, r * n, n, centred, eps)
        first = r % rows.groups * rows.channels
        for c in range(rows.channels):
            factor, shift = inverse * _number(weight, first + c, 1.0), _number(bias, first + c, 0.0)
            _scaled_run(x, y, r * n + c * rows.inner, rows.inner, mean, factor, shift)


@kernel
def _add_products(sums, k, count, by_weight, by_bias):
    """Add to the sums over rows, if there are any."""
    half = sums.size // 2
    if half:
        simd.store_first(sums, k, by_weight + simd.load_first(sums, k, count), count)
        simd.store_first(sums, half + k, by_bias + simd.load_first(sums, half + k, count), count)


@kernel
def _products(x, dy, j, count, mean, scale):
    """The next gradients, and normalised numbers."""
    return simd.load_first(dy, j, count), (simd.load_first(x, j, count) - mean) * scale


@kernel
def _row_sums(arrays, saved, r, weight, sums, first):
    """The sum of the gradients by the normalised numbers of a row, and of them times these.

    Weights begin at ``first``; ``sums``: those over rows, and the numbers of a row.
    """
    x, dy, _ = arrays
    n, one, total, dot = sums[1], simd.splat(x, 1), 0.0, 0.0
    mean, scale = saved[0, r], saved[1, r]
    for block in range(0, n, BLOCK):
        a = b = simd.splat(x, 0)
        for i in range(block, min(block + BLOCK, n), simd.lanes(x)):
            w = _next(weight, first + i, n - i, one)
            g, v = _products(x, dy, r * n + i, n - i, mean, scale)
            _add_products(sums[0], first + i, n - i, g * v, g)
            g = g * w
            a, b = a + g, simd.fma(g, v, b)
        total, dot = total + simd.total(a), dot + simd.total(b)
    return total, dot


@kernel
def _row_gradient(arrays, saved, r, n, weight, first, center, slope):
    """``(d - center - xhat slope) inverse`` for d, the gradient by the normalised row."""
    x, dy, dx = arrays
    mean, scale, one = saved[0, r], saved[1, r], simd.splat(x, 1)
    factor = slope * scale
    for i in range(0, n, simd.lanes(x)):
        j, count = r * n + i, n - i
        w = _next(weight, first + i, count, one)
        v = simd.load_first(dy, j, count) * w - center
        v -= (simd.load_first(x, j, count) - mean) * factor
        simd.store_first(dx, j, v * scale, count)


@ranged
def _rows_backward(low, high, arrays, saved, weight, sums, rows, centred):
    """Parts ``low`` to ``high`` of the rows, each with its own sums over rows."""
    n, parts, count = rows.channels, sums.shape[0], saved.shape[1]
    for part in range(low, high):
        sums[part] = 0
        for r in range(bound(count, part, parts, 1), bound(count, part + 1, parts, 1)):
            first = r % rows.groups * n
            total, dot = _row_sums(arrays, saved, r, weight, (sums[part], n), first)
            _row_gradient(arrays, saved, r, n, weight, first, total / n if centred else 0.0, dot / n)


@kernel
def _run_sums(x, dy, start, n, mean):
    """The sums of a run of gradients, and of them times the distances from the mean."""
    width, end = simd.lanes(x), start + n
    total, dot = 0.0, 0.0
    for block in range(start, end, BLOCK):
        a = b = c = d = simd.splat(x, 0)
        for i in range(block, min(block + BLOCK, end), 2 * width):
            g, h = simd.load_first(dy, i, end - i), simd.load_first(dy, i + width, end - i - width)
            a, b = a + g, simd.fma(g, simd.load_first(x, i, end - i) - mean, b)
            c, d = c + h, simd.fma(h, simd.load_first(x, i + width, end - i - width) - mean, d)
        total, dot = total + simd.total(a + c), dot + simd.total(b + d)
    return total, dot


@kernel
def _run_gradient(x, dy, dx, start, n, numbers, weight):
    mean, inverse, center, slope = numbers
    width, end = simd.lanes(x), start + n
    for i in range(start, end, width):
        v = simd.load_first(dy, i, end - i) * weight - center
        v -= (simd.load_first(x, i, end - i) - mean) * slope
        simd.store_first(dx, i, v * inverse, end - i)


@ranged
def _runs_backward(low, high, arrays, saved, weight, sums, rows, centred):
    """Rows of runs; ``sums`` are those of every run of every row."""
    x, dy, dx = arrays
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
    affine = tuple(None if v is None else _flat(v) for v in affine)
    arguments = _flat(input), _flat(output), saved, affine, Rows(*rows), (centred, float(eps))
    forward = _forward_rows if rows[2] == 1 else _forward_runs
    forward(saved.shape[1], 0.3 * input.size, *arguments)


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
