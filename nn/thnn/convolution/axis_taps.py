"""Axes resampled: every output place is a weighted sum of some input places.

The taps of output k are ``places[starts[k] : starts[k + 1]]`` and their ``weights``, one at least. The gradient is the
same operation with the taps of each input place, which may be none. Of planes the axis that makes less work goes first:
columns, whose taps are gathered one by one, of the fewer rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.jit import inlined
from ..cpu.runtime.partition import ranged
from ..cpu.simd import registers as simd


@inlined
def _pointers(table):
    return simd.at(table[0], 0), simd.at(table[1], 0), simd.at(table[2], 0)


@inlined
def _blend(x, base, inner, y, at, taps, first, last):
    """``inner`` numbers of y from ``at`` on: taps ``first`` to ``last`` of the rows of x, which begin at ``base``."""
    _, places, weights = taps
    for j in range(0, inner, simd.lanes(x)):
        total = simd.splat(x, 0)
        for t in range(first, last):
            row = base + simd.get(places, t) * inner + j
            total = simd.fma(simd.load_first(x, row, inner - j), simd.splat(x, simd.get(weights, t)), total)
        simd.store_first(y, at + j, total, inner - j)


@inlined
def _resample_row(x, base, y, at, count, taps):
    """``count`` numbers of y from taps of a row of x."""
    starts, places, weights = taps
    for j in range(count):
        total = simd.get(weights, 0) * 0
        for t in range(simd.get(starts, j), simd.get(starts, j + 1)):
            total += simd.get(weights, t) * simd.get(x, base + simd.get(places, t))
        simd.put(y, at + j, total)


@ranged
def _resample(low, high, x, y, table, sizes):
    """Rows low to high, of planes times places, of y; sizes are places of x, places of y, inner."""
    n, outputs, inner = sizes
    taps = _pointers(table)
    x_, y_ = simd.at(x, 0), simd.at(y, 0)
    for r in range(low, high):
        p, k = r // outputs, r % outputs
        first, last = simd.get(taps[0], k), simd.get(taps[0], k + 1)
        _blend(x_, p * n * inner, inner, y_, r * inner, taps, first, last)


@ranged
def _columns_first(low, high, x, y, rows, columns, sizes):
    """Planes low to high; sizes are rows and columns of x, then of y."""
    h, w, outputs, width = sizes
    across, down = _pointers(columns), _pointers(rows)
    scratch = np.empty(h * width, x.dtype)
    x_, y_, between = simd.at(x, 0), simd.at(y, 0), simd.at(scratch, 0)
    for p in range(low, high):
        for i in range(h):
            _resample_row(x_, (p * h + i) * w, between, i * width, width, across)
        for i in range(outputs):
            first, last = simd.get(down[0], i), simd.get(down[0], i + 1)
            _blend(between, 0, width, y_, (p * outputs + i) * width, down, first, last)


@ranged
def _rows_first(low, high, x, y, rows, columns, sizes):
    h, w, outputs, width = sizes
    across, down = _pointers(columns), _pointers(rows)
    scratch = np.empty(w, x.dtype)
    x_, y_, between = simd.at(x, 0), simd.at(y, 0), simd.at(scratch, 0)
    for r in range(low, high):
        p, i = r // outputs, r % outputs
        first, last = simd.get(down[0], i), simd.get(down[0], i + 1)
        _blend(x_, p * h * w, w, between, 0, down, first, last)
        _resample_row(between, 0, y_, r * width, width, across)


def AxisTaps_updateOutput(x: Any, y: Any, starts: Any, places: Any, weights: Any) -> None:
    """``y[p, k, j] = sum over the taps t of k of weights[t] x[p, places[t], j]``"""
    planes, outputs, inner = y.shape
    work = 0.1 * planes * inner * (places.size + outputs)
    table, sizes = (starts, places, weights), (x.shape[1], outputs, inner)
    _resample(planes * outputs, work, x.reshape(-1), y.reshape(-1), table, sizes)


def PlaneTaps_updateOutput(x: Any, y: Any, rows: tuple, columns: tuple) -> None:
    """Planes resampled by the taps of their rows and of their columns: starts, places, weights of each."""
    sizes = *x.shape[1:], *y.shape[1:]
    work = 0.5 * len(x) * max(x.shape[1], y.shape[1]) * columns[1].size
    arrays = x.reshape(-1), y.reshape(-1), rows, columns, sizes
    if y.shape[1] > x.shape[1]:
        _columns_first(len(y), work, *arrays)
    else:
        _rows_first(len(y) * y.shape[1], work, *arrays)
