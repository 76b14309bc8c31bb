"""Sums over windows of any size: first over their rows, in vectors, then over their columns.

Arrays are flat: all planes (or frames of volumes), of ``height`` rows of ``width`` pixels each, after one another, so
that row i of frame t is row number ``t * height + i``. ``row`` is scratch made by :func:`row_like`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd

#: Nanoseconds of an element that is read or written once.
READ = 0.1


@inner
def row_like(x, width):
    """Scratch for a row, with room for a whole vector at its end."""
    return np.zeros(width + simd.lanes(x), x.dtype)


@inner
def sum_rows(x, frames, height, rows, width, row):
    """row = the sum of ``rows``, from the first to the last (exclusive), of ``frames`` likewise"""
    for j in range(0, width, simd.lanes(x)):
        total = simd.splat(x, 0)
        for t in range(frames[0], frames[1]):
            for i in range(t * height + rows[0], t * height + rows[1]):
                total += simd.load_first(x, i * width + j, width - j)
        simd.store(row, j, total)


@inner
def add_to_rows(row, x, frames, height, rows, width, written):
    """The transpose of :func:`sum_rows`: each of the rows += row, those from number ``written`` on = row"""
    for t in range(frames[0], frames[1]):
        for i in range(t * height + rows[0], t * height + rows[1]):
            _add_to_row(row, simd.at(x, i * width), width, i < written)


@inner
def _add_to_row(row, target, width, add):
    lanes = simd.lanes(row)
    full = width - width % lanes
    for j in range(0, full, lanes):
        v = simd.load(row, j)
        simd.store(target, j, v + simd.load(target, j) if add else v)
    if full < width:
        v = simd.load(row, full)
        if add:
            v += simd.load_first(target, full, width - full)
        simd.store_first(target, full, v, width - full)


@inner
def sum_columns(row, left, right):
    """The sum of the row's elements from ``left`` to ``right``, exclusive"""
    total = row.dtype.type(0)
    for j in range(left, right):
        total += row[j]
    return total


@inner
def add_to_columns(share, row, left, right):
    for j in range(left, right):
        row[j] += share


@ranged
def _means(low, high, x, n, divisor, y):
    """Two sums a plane, so that no addition waits for the one before."""
    lanes = simd.lanes(x)
    full, pairs = n - n % lanes, n - n % (2 * lanes)
    for plane in range(low, high):
        start = plane * n
        total, other = simd.load_first(x, start + full, n - full), simd.splat(x, 0)
        for i in range(start, start + pairs, 2 * lanes):
            total += simd.load(x, i)
            other += simd.load(x, i + lanes)
        if pairs < full:
            other += simd.load(x, start + pairs)
        y[plane] = simd.total(total + other) / divisor


@ranged
def _fill(low, high, y, n, divisor, x):
    lanes = simd.lanes(x)
    for plane in range(low, high):
        share, start = simd.splat(x, y[plane] / divisor), plane * n
        full = start + n - n % lanes
        for i in range(start, full, lanes):
            simd.store(x, i, share)
        simd.store_first(x, full, share, start + n - full)


def average_all(x: Any, y: Any, divisor: int) -> None:
    """Pooling to one number a plane: y = sum of the plane / divisor"""
    _means(y.size, READ * x.size, flat(x), x.size // y.size, x.dtype.type(divisor), flat(y))


def spread_all(y: Any, x: Any, divisor: int) -> None:
    """The transpose of :func:`average_all`: every element of a plane = y / divisor"""
    _fill(y.size, READ * x.size, flat(y), x.size // y.size, x.dtype.type(divisor), flat(x))
