"""Max pooling of planes of three axes over windows that are given by tables: PyTorch's.

A table ``windows[axis]`` is 3 x outputs: the first place of every window, the place behind its last one, and what it
counts in an average's divisor. Places in a window are ``steps[axis]`` apart. Where the windows of each plane differ,
the table is planes x 3 x outputs. All places lie inside the plane; a window between whose places the plane lies has
none, and gives minus infinity and, as PyTorch, the place where it begins, or -1 if that is outside. Fewer axes have
leading ones of size 1.

Outputs of a row whose windows are one or two places apart are made a vector at a time. Other rows take two turns: the
largest of each column of the row's windows, in vectors, then the largest of each window's columns.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import flat, ranged, ranged_sum
from ..cpu.simd import registers as simd
from .window_tables import regular, tables
from .windows import EXACT, load_step

#: Nanoseconds of one place of a window.
TAP = 0.3


class Row(NamedTuple):
    """The windows of a row of outputs: where its plane begins, sizes of planes, planes and rows of the windows."""

    start: int
    sizes: tuple
    planes: tuple
    rows: tuple


@inner
def _largest_of_row(x, start, places, best, place):
    """The better of ``best`` and a row of the window: its first place, the place behind its last one, its step."""
    for at in range(places[0], places[1], places[2]):
        v = x[start + at]
        if v > best or v != v:
            best, place = v, at
    return best, place


@inner
def _begin(row, column):
    """The place where a window begins; -1 if it is outside the plane."""
    place = (row.planes[0] * row.sizes[1] + row.rows[0]) * row.sizes[2] + column
    return place if place < row.sizes[0] * row.sizes[1] * row.sizes[2] else -1


@inner
def _largest(x, row, columns):
    """The largest value of a window and its place in the plane; the last NaN if there is one, the first of equals."""
    width, height = row.sizes[2], row.sizes[1]
    best, place = x.dtype.type(-np.inf), _begin(row, columns[0])
    if columns[0] < columns[1] and row.rows[0] < row.rows[1] and row.planes[0] < row.planes[1]:
        best = x[row.start + place]
    for a in range(row.planes[0], row.planes[1], row.planes[2]):
        for b in range(row.rows[0], row.rows[1], row.rows[2]):
            base = (a * height + b) * width
            best, place = _largest_of_row(x, row.start, (base + columns[0], base + columns[1], columns[2]), best, place)
    return best, place


@inner
def _largest_many(x, row, columns, stride, count):
    """The next outputs of a row, at most a vector, whose first window has these columns; stride is 1 or 2."""
    width, height = row.sizes[2], row.sizes[1]
    first = (row.planes[0] * height + row.rows[0]) * width + columns[0]
    best, offset = load_step(x, row.start + first, stride, count), simd.splat(x, 0)
    for a in range(row.planes[0], row.planes[1], row.planes[2]):
        for b in range(row.rows[0], row.rows[1], row.rows[2]):
            for c in range(columns[0], columns[1], columns[2]):
                at = (a * height + b) * width + c
                v = load_step(x, row.start + at, stride, count)
                larger = v > best
                best, offset = simd.select(larger, v, best), simd.select(larger, at - first, offset)
                best, offset = simd.select(v >= v, best, v), simd.select(v >= v, offset, at - first)
    return best, offset, first


@inner
def _vectors_of_row(x, y, places, at, row, windows, extent):
    """Outputs ``extent[0]`` to ``extent[1]`` of a row; the first of the row is element ``at`` of the output."""
    begin, end, stride, step = extent
    for j in range(begin, end, simd.lanes(x)):
        count, columns = end - j, (windows[0, j], windows[1, j], step)
        count = min(count, simd.lanes(x))
        best, offset, first = _largest_many(x, row, columns, stride, count)
        place = simd.to_integers(places, offset)
        place += simd.steps(place, 0) * stride + first
        simd.store_first(y, at + j, best, count)
        simd.store_first(places, at + j, place, count)


@inner
def _columns(x, row, values, numbers):
    """The largest value of every column of the row's windows, and the number of its row, counted from the first."""
    width, height = row.sizes[2], row.sizes[1]
    first = row.planes[0] * height + row.rows[0]
    for j in range(0, width, simd.lanes(x)):
        best, number = simd.load_first(x, row.start + first * width + j, width - j), simd.splat(x, 0)
        for a in range(row.planes[0], row.planes[1], row.planes[2]):
            for b in range(row.rows[0], row.rows[1], row.rows[2]):
                n = a * height + b
                v = simd.load_first(x, row.start + n * width + j, width - j)
                larger = v > best
                best, number = simd.select(larger, v, best), simd.select(larger, n - first, number)
                best, number = simd.select(v >= v, best, v), simd.select(v >= v, number, n - first)
        simd.store(values, j, best)
        simd.store(numbers, j, number)
    return first


@inner
def _largest_column(values, numbers, columns):
    """The best column of a window, as :func:`_largest` decides: of equal ones that of the first row."""
    c = columns[0]
    best, number = values[c], numbers[c]
    for k in range(columns[0], columns[1], columns[2]):
        v, n = values[k], numbers[k]
        if v > best or (v == best and n < number) or (v != v and (best == best or n >= number)):
            best, number, c = v, n, k
    return best, number, c


@inner
def _turns_of_row(x, y, places, at, row, windows, scratch, step):
    """A row of outputs from the largest values of columns."""
    values, numbers = scratch
    first = _columns(x, row, values, numbers)
    for j in range(windows.shape[1]):
        if windows[0, j] < windows[1, j]:
            best, number, c = _largest_column(values, numbers, (windows[0, j], windows[1, j], step))
            y[at + j], places[at + j] = best, (first + np.int64(number)) * row.sizes[2] + c
        else:
            y[at + j], places[at + j] = -np.inf, _begin(row, windows[0, j])


@ranged
def _maxima(low, high, x, y, places, sizes, windows, steps):
    """Rows ``low`` to ``high`` of outputs."""
    w0, w1, w2 = windows
    count1, count2 = w1.shape[2], w2.shape[2]
    begin, end, stride = regular(w2, EXACT // (sizes[0] * sizes[1] * sizes[2] + 1))
    scratch = np.empty(sizes[2] + simd.lanes(x), x.dtype), np.empty(sizes[2] + simd.lanes(x), x.dtype)
    for n in range(low, high):
        p, i, j = n // (w0.shape[2] * count1), n // count1 % w0.shape[2], n % count1
        t0, t1, t2 = w0[p % len(w0)], w1[p % len(w1)], w2[p % len(w2)]
        planes, rows = (t0[0, i], t0[1, i], steps[0]), (t1[0, j], t1[1, j], steps[1])
        row = Row(p * sizes[0] * sizes[1] * sizes[2], sizes, planes, rows)
        if planes[0] >= planes[1] or rows[0] >= rows[1]:
            y[n * count2 : (n + 1) * count2] = -np.inf
            for k in range(count2):
                places[n * count2 + k] = _begin(row, t2[0, k])
            continue
        if begin == end:
            _turns_of_row(x, y, places, n * count2, row, t2, scratch, steps[2])
            continue
        _vectors_of_row(x, y, places, n * count2, row, t2, (begin, end, stride, steps[2]))
        for k in range(count2 - (end - begin)):
            k += end - begin if k >= begin else 0
            at = n * count2 + k
            y[at], places[at] = _largest(x, row, (t2[0, k], t2[1, k], steps[2]))


@ranged_sum
def _scatter(low, high, dy, dx, places, size, count):
    """Planes ``low`` to ``high``; returns how many places lie outside, which get nothing."""
    dy_, places_, wrong = simd.at(dy, 0), simd.at(places, 0), 0
    dx[low * size : high * size] = 0
    for p in range(low, high):
        plane = simd.at(dx, p * size)
        for k in range(p * count, (p + 1) * count):
            place = simd.get(places_, k)
            if np.uint64(place) < np.uint64(size):  # from 0 on, too
                simd.put(plane, place, simd.get(plane, place) + simd.get(dy_, k))
            else:
                wrong += place != -1
    return np.float64(wrong)


def WindowMaxPooling_updateOutput(input: Any, output: Any, indices: Any, windows: list, steps: tuple) -> None:
    """Planes x three axes: the largest value of every window, and its flat place in the plane, from 0, int64."""
    places = [max(1, int((w[..., 1, :1] - w[..., 0, :1]).max())) for w in windows]
    work = TAP * output.size * places[0] * places[1] * places[2]
    arrays = flat(input), flat(output), flat(indices)
    _maxima(output.size // output.shape[3], work, *arrays, input.shape[1:], tables(windows), tuple(steps))


def WindowMaxPooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> int:
    """Every gradient is added to its place; -1 is none. Returns how many places lie outside the plane."""
    planes = len(gradInput)
    sizes = gradInput.size // planes, gradOutput.size // planes
    work = 0.3 * gradInput.size + 1.0 * gradOutput.size
    return int(_scatter(planes, work, flat(gradOutput), flat(gradInput), flat(indices), *sizes))
