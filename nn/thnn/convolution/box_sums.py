"""Sums over windows of any size: first over their rows, in vectors, then over their columns.

Arrays are flat: all planes (or frames of volumes), of ``height`` rows of ``width`` pixels each, after one another, so
that row i of frame t is row number ``t * height + i``. ``row`` is scratch made by :func:`row_like`.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import prange

from ..cpu.runtime.jit import kernel, parallel
from ..cpu.runtime.partition import bound, flat
from ..cpu.simd import registers as simd


@kernel
def row_like(x, width):
    """Scratch for a row, with room for a whole vector at its end."""
    return np.zeros(width + simd.lanes(x), x.dtype)


@kernel
def sum_rows(x, frames, height, rows, width, row):
    """row = the sum of ``rows``, from the first to the last (exclusive), of ``frames`` likewise"""
    for j in range(0, width, simd.lanes(x)):
        total = simd.splat(x, 0)
        for t in range(frames[0], frames[1]):
            for i in range(t * height + rows[0], t * height + rows[1]):
                total += simd.load_first(x, i * width + j, width - j)
        simd.store(row, j, total)


@kernel
def add_to_rows(row, x, frames, height, rows, width, written):
    """The transpose of :func:`sum_rows`: each of the rows += row, those from number ``written`` on = row"""
    for t in range(frames[0], frames[1]):
        for i in range(t * height + rows[0], t * height + rows[1]):
            for j in range(0, width, simd.lanes(x)):
                v = simd.load(row, j)
                if i < written:
                    v += simd.load_first(x, i * width + j, width - j)
                simd.store_first(x, i * width + j, v, width - j)


@kernel
def sum_columns(row, left, right):
    """The sum of the row's elements from ``left`` to ``right``, exclusive"""
    total = row.dtype.type(0)
    for j in range(left, right):
        total += row[j]
    return total


@kernel
def add_to_columns(share, row, left, right):
    for j in range(left, right):
        row[j] += share


@kernel
def _means(x, n, divisor, y, low, high):
    lanes = simd.lanes(x)
    for plane in range(low, high):
        total, start = simd.splat(x, 0), plane * n
        for i in range(0, n, lanes):
            total += simd.load_first(x, start + i, n - i)
        y[plane] = simd.total(total) / divisor


@kernel
def _fill(y, n, divisor, x, low, high):
    lanes = simd.lanes(x)
    for plane in range(low, high):
        share, start = simd.splat(x, y[plane] / divisor), plane * n
        for i in range(0, n, lanes):
            simd.store_first(x, start + i, share, n - i)


@parallel
def _means_parallel(x, n, divisor, y, parts):
    for t in prange(parts):
        _means(x, n, divisor, y, bound(y.size, t, parts, 1), bound(y.size, t + 1, parts, 1))


@parallel
def _fill_parallel(y, n, divisor, x, parts):
    for t in prange(parts):
        _fill(y, n, divisor, x, bound(y.size, t, parts, 1), bound(y.size, t + 1, parts, 1))


def average_all(x: Any, y: Any, divisor: int) -> None:
    """Pooling to one number a plane: y = sum of the plane / divisor"""
    _means_parallel(flat(x), x.size // y.size, x.dtype.type(divisor), flat(y), numba.get_num_threads())


def spread_all(y: Any, x: Any, divisor: int) -> None:
    """The transpose of :func:`average_all`: every element of a plane = y / divisor"""
    _fill_parallel(flat(y), x.size // y.size, x.dtype.type(divisor), flat(x), numba.get_num_threads())
