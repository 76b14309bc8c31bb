"""Pooling of planes to a given output size; windows are given by their bounds."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import prange

from ..cpu.runtime.jit import kernel, parallel
from ..cpu.runtime.partition import bound, flat
from .box_sums import add_to_columns, add_to_rows, average_all, row_like, spread_all, sum_columns, sum_rows


@kernel
def _max_plane(x, y, places, rows, columns, lowest):
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            best, row, column = lowest, 0, 0
            for a in range(rows[0, i], rows[1, i]):
                for b in range(columns[0, j], columns[1, j]):
                    if x[a, b] > best:
                        best, row, column = x[a, b], a - rows[0, i] + 1, b - columns[0, j] + 1
            y[i, j], places[0, i, j], places[1, i, j] = best, row, column


@parallel
def _max(x, y, places, rows, columns, lowest):
    planes = x.shape[1]
    for job in prange(x.shape[0] * planes):
        n, c = job // planes, job % planes
        _max_plane(x[n, c], y[n, c], places[:, n, c], rows, columns, lowest)


@kernel
def _scatter_planes(dy, dx, places, height, width, rows, columns, low, high):
    """Planes ``low`` to ``high`` of flat arrays; whether some place lies outside"""
    outside, k = False, low * rows.shape[1] * columns.shape[1]
    for start in range(low * height * width, high * height * width, height * width):
        dx[start : start + height * width] = 0
        for i in range(rows.shape[1]):
            for j in range(columns.shape[1]):
                row, column = places[0, k], places[1, k]
                a, b = rows[0, i] + row - 1, columns[0, j] + column - 1
                if row > 0 and column > 0 and a < height and b < width:
                    dx[np.uint64(start + a * width + b)] += dy[k]
                elif row > 1 or row < 0 or column != 0:
                    outside = True
                k += 1
    return outside


@parallel
def _max_gradient(dy, dx, places, height, width, rows, columns, parts):
    planes, outside = dx.size // (height * width), np.zeros(parts, np.bool_)
    for t in prange(parts):
        low, high = bound(planes, t, parts, 1), bound(planes, t + 1, parts, 1)
        outside[t] = _scatter_planes(dy, dx, places, height, width, rows, columns, low, high)
    return outside.any()


@kernel
def _average_planes(x, y, height, width, rows, columns, low, high):
    row, outH, outW = row_like(x, width), rows.shape[1], columns.shape[1]
    for job in range(low * outH, high * outH):
        plane, i = job // outH, job % outH
        top, bottom = rows[0, i], rows[1, i]
        sum_rows(x, (plane, plane + 1), height, (top, bottom), width, row)
        for j in range(outW):
            left, right = columns[0, j], columns[1, j]
            total = sum_columns(row, left, right)
            y[job * outW + j] = total / x.dtype.type(right - left) / x.dtype.type(bottom - top)


@kernel
def _spread_planes(dy, dx, height, width, rows, columns, low, high):
    row, outH, outW = row_like(dx, width), rows.shape[1], columns.shape[1]
    written = low * height
    for job in range(low * outH, high * outH):
        plane, i = job // outH, job % outH
        top, bottom = rows[0, i], rows[1, i]
        row[:] = 0
        for j in range(outW):
            left, right = columns[0, j], columns[1, j]
            share = dy[job * outW + j] / dx.dtype.type(right - left) / dx.dtype.type(bottom - top)
            add_to_columns(share, row, left, right)
        add_to_rows(row, dx, (plane, plane + 1), height, (top, bottom), width, written)
        written = plane * height + bottom


@parallel
def _average(x, y, height, width, rows, columns, parts):
    planes = x.size // (height * width)
    for t in prange(parts):
        low, high = bound(planes, t, parts, 1), bound(planes, t + 1, parts, 1)
        _average_planes(x, y, height, width, rows, columns, low, high)


@parallel
def _average_gradient(dy, dx, height, width, rows, columns, parts):
    planes = dx.size // (height * width)
    for t in prange(parts):
        low, high = bound(planes, t, parts, 1), bound(planes, t + 1, parts, 1)
        _spread_planes(dy, dx, height, width, rows, columns, low, high)


def SpatialAdaptiveMaxPooling_updateOutput(input: Any, output: Any, indices: Any, rows: Any, columns: Any) -> None:
    """Maxima of windows ``rows[0, i] <= a < rows[1, i]``; ``indices[0]``, ``[1]``: row, column in the window, from 1.

    A window without a maximum gives the lowest finite float32 and indices 0.
    """
    _max(input, output, indices, rows, columns, input.dtype.type(np.finfo(np.float32).min))


def SpatialAdaptiveMaxPooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, rows: Any, columns: Any
) -> bool:
    """Every gradient goes to the place its maximum came from; returns whether some place lies outside."""
    places, sizes = indices.reshape(2, gradOutput.size), gradInput.shape[2:]
    return _max_gradient(flat(gradOutput), flat(gradInput), places, *sizes, rows, columns, numba.get_num_threads())


def SpatialAdaptiveAveragePooling_updateOutput(input: Any, output: Any, rows: Any, columns: Any) -> None:
    """Means of windows ``rows[0, i] <= a < rows[1, i]``."""
    height, width = input.shape[2:]
    if rows.shape[1] == columns.shape[1] == 1:
        average_all(input, output, height * width)
    else:
        _average(flat(input), flat(output), height, width, rows, columns, numba.get_num_threads())


def SpatialAdaptiveAveragePooling_updateGradInput(gradOutput: Any, gradInput: Any, rows: Any, columns: Any) -> None:
    height, width = gradInput.shape[2:]
    if rows.shape[1] == columns.shape[1] == 1:
        spread_all(gradOutput, gradInput, height * width)
    else:
        _average_gradient(flat(gradOutput), flat(gradInput), height, width, rows, columns, numba.get_num_threads())
