"""Outputs that copy input positions, chosen axis by axis: padding, cropping and nearest-neighbour upsampling.

Most columns of a padded row are neighbours in the input, too: this run is copied in vectors.
"""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inlined, inner
from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd


@inner
def _run(columns):
    """The longest run of columns whose sources are neighbours: the first, the one behind the last; and all."""
    low = high = first = 0
    for j in range(columns.size):
        if columns[j] < 0:
            first = j + 1
        elif j > first and columns[j] != columns[j - 1] + 1:
            first = j
        if j + 1 - first > high - low:
            low, high = first, j + 1
    return low, high, columns.size


@inlined
def _copy_some(x, base, y, at, columns, first, last, value):
    """Columns ``first`` to ``last`` of a row, one by one."""
    for j in range(first, last):
        place = simd.get(columns, j)
        simd.put(y, at + j, simd.get(x, base + place) if place >= 0 else value)


@inner
def copy_run(x, source, y, at, count):
    """``count`` neighbours; the last full vector may copy some a second time."""
    width = simd.lanes(x)
    if count < width:
        simd.store_first(y, at, simd.load_first(x, source, count), count)
        return
    for j in range(0, count - width, width):
        simd.store(y, at + j, simd.load(x, source + j))
    simd.store(y, at + count - width, simd.load(x, source + count - width))


@inlined
def _gather_row(x, base, y, at, columns, run, value):
    low, high, count = run
    _copy_some(x, base, y, at, columns, 0, low, value)
    if low < high:
        copy_run(x, base + simd.get(columns, low), y, at + low, high - low)
    _copy_some(x, base, y, at, columns, high, count, value)


@inner
def fill_row(y, at, count, value):
    v = simd.splat(y, value)
    for j in range(0, count, simd.lanes(y)):
        simd.store_first(y, at + j, v, count - j)


@ranged
def _gather(low, high, x, y, sizes, places, value):
    """Planes ``low`` to ``high`` of the output's depth; ``sizes`` are those of the input."""
    depths, rows, columns = places
    run, count = _run(columns), columns.size
    # Pointers: an array is seven arguments of every call, and its indices may be negative.
    x_, y_, rows_, columns_ = simd.at(x, 0), simd.at(y, 0), simd.at(rows, 0), simd.at(columns, 0)
    for n in range(low, high):
        p, t = n // depths.size, depths[n % depths.size]
        for i in range(rows.size):
            at, row = (n * rows.size + i) * count, simd.get(rows_, i)
            if t < 0 or row < 0:
                fill_row(y_, at, count, value)
            else:
                _gather_row(x_, ((p * sizes[0] + t) * sizes[1] + row) * sizes[2], y_, at, columns_, run, value)


@inlined
def _add_some(dy, at, dx, base, columns, first, last):
    for j in range(first, last):
        place = simd.get(columns, j)
        if place >= 0:
            simd.put(dx, base + place, simd.get(dx, base + place) + simd.get(dy, at + j))


@inner
def add_run(dy, at, dx, target, count):
    """Add ``count`` neighbours."""
    width = simd.lanes(dx)
    full = count - count % width
    for j in range(0, full, width):
        simd.store(dx, target + j, simd.load(dx, target + j) + simd.load(dy, at + j))
    if full < count:
        v = simd.load_first(dx, target + full, count - full) + simd.load_first(dy, at + full, count - full)
        simd.store_first(dx, target + full, v, count - full)


@inlined
def _scatter_row(dy, at, dx, base, columns, run):
    low, high, count = run
    _add_some(dy, at, dx, base, columns, 0, low)
    if low < high:
        add_run(dy, at + low, dx, base + simd.get(columns, low), high - low)
    _add_some(dy, at, dx, base, columns, high, count)


@ranged
def _scatter(low, high, dy, dx, sizes, depths, rows, columns):
    """Volumes ``low`` to ``high``."""
    run, count, volume = _run(columns), columns.size, sizes[0] * sizes[1] * sizes[2]
    dy_, dx_, rows_, columns_ = simd.at(dy, 0), simd.at(dx, 0), simd.at(rows, 0), simd.at(columns, 0)
    for p in range(low, high):
        dx[p * volume : (p + 1) * volume] = 0
        for n in range(p * depths.size * rows.size, (p + 1) * depths.size * rows.size):
            t, row = depths[n // rows.size % depths.size], simd.get(rows_, n % rows.size)
            if t >= 0 and row >= 0:
                base = p * volume + (t * sizes[1] + row) * sizes[2]
                _scatter_row(dy_, n * count, dx_, base, columns_, run)


def AxesGather_updateOutput(input: Any, output: Any, depths: Any, rows: Any, columns: Any, value: float = 0.0) -> None:
    """``output[p, t, i, j] = input[p, depths[t], rows[i], columns[j]]``, or ``value`` where a source is negative."""
    arrays = flat(input), flat(output)
    count, work = len(output) * depths.size, 0.2 * output.size
    _gather(count, work, *arrays, input.shape[1:], (depths, rows, columns), float(value))


def AxesGather_updateGradInput(gradOutput: Any, gradInput: Any, depths: Any, rows: Any, columns: Any) -> None:
    """Every gradient is added to the position its output was copied from."""
    arrays = flat(gradOutput), flat(gradInput)
    work = 0.2 * (gradOutput.size + gradInput.size)
    _scatter(len(gradInput), work, *arrays, gradInput.shape[1:], depths, rows, columns)
