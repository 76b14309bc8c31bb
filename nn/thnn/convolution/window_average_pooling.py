"""Average pooling of planes of three axes over windows that are given by tables, as in :mod:`window_max_pooling`.

A row of outputs takes two turns: the sums of the columns of its windows, in vectors, then the sums of each window's
columns; backward is the transpose.
"""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd
from .box_sums import add_to_columns, add_to_rows, average_all, row_like, spread_all, sum_columns, sum_rows
from .window_tables import regular, tables, tiles
from .windows import load_step

#: Nanoseconds of one place of a window.
TAP = 0.2


@inner
def _divisor(i, j, k, tables, divisor):
    """``divisor``, or if that is 0 what the window counts."""
    return divisor if divisor != 0 else tables[0][2, i] * tables[1][2, j] * tables[2][2, k]


@inner
def _sum_many(row, y, at, first, size, stride, count, divisor):
    """The next outputs, at most a vector, from a row of sums of columns."""
    total = simd.splat(row, 0)
    for k in range(first, first + size):
        total += load_step(row, k, stride, count)
    simd.store_first(y, at, total / divisor, count)


@inner
def _spread_many(dy, row, at, first, size, stride, count, divisor):
    """The transpose of :func:`_sum_many`."""
    share, zero = simd.load_first(dy, at, count) / divisor, simd.splat(row, 0)
    low, high, lanes, m = simd.zip_low(share, zero), simd.zip_high(share, zero), simd.lanes(row), 2 * count - 1
    for k in range(first, first + size):
        if stride == 1:
            simd.store_first(row, k, simd.load_first(row, k, count) + share, count)
        else:
            simd.store_first(row, k, simd.load_first(row, k, m) + low, m)
            simd.store_first(row, k + lanes, simd.load_first(row, k + lanes, m - lanes) + high, m - lanes)


@ranged
def _means(low, high, x, y, sizes, windows, divisor):
    """Rows ``low`` to ``high`` of outputs."""
    w0, w1, w2 = windows
    count1, count2, lanes, zero = w1.shape[2], w2.shape[2], simd.lanes(x), x.dtype.type(0)
    begin, end, stride = regular(w2, 1)
    row = row_like(x, sizes[2])
    for n in range(low, high):
        p, i, j = n // (w0.shape[2] * count1), n // count1 % w0.shape[2], n % count1
        t = w0[p % len(w0)], w1[p % len(w1)], w2[p % len(w2)]
        frames = p * sizes[0] + t[0][0, i], p * sizes[0] + t[0][1, i]
        sum_rows(x, frames, sizes[1], (t[1][0, j], t[1][1, j]), sizes[2], row)
        k = 0
        while k < count2:
            first, at, d = t[2][0, k], n * count2 + k, zero + _divisor(i, j, k, t, divisor)
            if begin <= k < end:
                many = min(lanes, end - k)
                _sum_many(row, y, at, first, t[2][1, k] - first, stride, many, d)
                k += many
            else:
                y[at] = sum_columns(row, first, t[2][1, k]) / d
                k += 1


@ranged
def _spread(low, high, dy, dx, sizes, windows, divisor):
    """Planes ``low`` to ``high`` of inputs; where the windows tile them every element is written once."""
    w0, w1, w2 = windows
    count1, count2, lanes, zero = w1.shape[2], w2.shape[2], simd.lanes(dx), dx.dtype.type(0)
    begin, end, stride = regular(w2, 1)
    row, volume, rows = row_like(dx, sizes[2]), sizes[0] * sizes[1] * sizes[2], w0.shape[2] * count1
    tiled = tiles(w0, sizes[0]) and tiles(w1, sizes[1]) and tiles(w2, sizes[2])
    added = 0 if tiled else high * sizes[0] * sizes[1]
    for n in range(low * rows, high * rows):
        p, i, j = n // rows, n // count1 % w0.shape[2], n % count1
        if n % rows == 0 and not tiled:
            dx[p * volume : (p + 1) * volume] = 0
        t = w0[p % len(w0)], w1[p % len(w1)], w2[p % len(w2)]
        row[:] = 0
        k = 0
        while k < count2:
            first, at, d = t[2][0, k], n * count2 + k, zero + _divisor(i, j, k, t, divisor)
            if begin <= k < end:
                many = min(lanes, end - k)
                _spread_many(dy, row, at, first, t[2][1, k] - first, stride, many, d)
                k += many
            else:
                add_to_columns(dy[at] / d, row, first, t[2][1, k])
                k += 1
        frames = p * sizes[0] + t[0][0, i], p * sizes[0] + t[0][1, i]
        add_to_rows(row, dx, frames, sizes[1], (t[1][0, j], t[1][1, j]), sizes[2], added)


def _taps(windows: list) -> int:
    """About how many places a window has."""
    a, b, c = (max(1, int(w[1, 0] - w[0, 0]) if w.ndim == 2 else int((w[:, 1] - w[:, 0]).max())) for w in windows)
    return a * b + c


def _whole(sizes: tuple, windows: list, divisor: float) -> int:
    """The divisor of one window that is just the plane, else 0."""
    count = 1
    for w, n in zip(windows, sizes):
        if w.ndim != 2 or w.shape[1] != 1 or w[0, 0] != 0 or w[1, 0] != n:
            return 0
        count *= int(w[2, 0])
    return divisor or count


def WindowAveragePooling_updateOutput(input: Any, output: Any, windows: list, divisor: float) -> None:
    """The sum of every window, divided by ``divisor`` or, if that is 0, by what the window counts."""
    whole = _whole(input.shape[1:], windows, divisor)
    if whole:
        average_all(input, output, whole)
        return
    work, sizes = TAP * output.size * _taps(windows), input.shape[1:]
    _means(output.size // output.shape[3], work, flat(input), flat(output), sizes, tables(windows), float(divisor))


def WindowAveragePooling_updateGradInput(gradOutput: Any, gradInput: Any, windows: list, divisor: float) -> None:
    """Every gradient is spread evenly over its window."""
    whole = _whole(gradInput.shape[1:], windows, divisor)
    if whole:
        spread_all(gradOutput, gradInput, whole)
        return
    work, sizes = TAP * gradOutput.size * _taps(windows), gradInput.shape[1:]
    _spread(len(gradInput), work, flat(gradOutput), flat(gradInput), sizes, tables(windows), float(divisor))
