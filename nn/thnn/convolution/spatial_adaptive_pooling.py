"""Pooling of planes to a given output size; windows are given by their bounds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from ..cpu.runtime.jit import inner, parallel
from ..cpu.runtime.partition import flat, ranged
from .box_sums import add_to_columns, add_to_rows, average_all, row_like, spread_all, sum_columns, sum_rows


@inner
def _best(x, rows, columns, lowest):
    """The first maximum of a window, and its row and column in the window, from 1; 0, 0 where there is none."""
    best, row, column = lowest, 0, 0
    for a in range(rows[0], rows[1]):
        for b in range(columns[0], columns[1]):
            if x[a, b] > best:
                best, row, column = x[a, b], a - rows[0] + 1, b - columns[0] + 1
    return best, row, column


@inner
def _max_plane(x, y, places, rows, columns, lowest):
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            best, row, column = _best(x, rows[:, i], columns[:, j], lowest)
            y[i, j], places[0, i, j], places[1, i, j] = best, row, column


@parallel
def _max(x, y, places, rows, columns, lowest):
    planes = x.shape[1]
    for job in prange(x.shape[0] * planes):
        n, c = job // planes, job % planes
        _max_plane(x[n, c], y[n, c], places[:, n, c], rows, columns, lowest)


@inner
def _scatter_plane(dy, plane, places, rows, columns, width):
    """The gradients of one flat plane; whether some place lies outside"""
    outside, k, height = False, 0, plane.size // width
    for i in range(rows.shape[1]):
        for j in range(columns.shape[1]):
            row, column = places[0, k], places[1, k]
            a, b = rows[0, i] + row - 1, columns[0, j] + column - 1
            if row > 0 and column > 0 and a < height and b < width:
                plane[np.uint64(a * width + b)] += dy[k]
            elif row > 1 or row < 0 or column != 0:
                outside = True
            k += 1
    return outside


@parallel
def _max_gradient(dy, dx, places, rows, columns):
    outside, (planes, width) = np.zeros(len(dx), np.bool_), dx.shape[::2]
    for n in prange(planes):
        plane = dx[n].reshape(-1)
        plane[:] = 0
        outside[n] = _scatter_plane(dy[n], plane, places[:, n], rows, columns, width)
    return outside.any()


@ranged
def _average_planes(low, high, x, y, sizes, rows, columns):
    height, width = sizes
    row, outH, outW = row_like(x, width), rows.shape[1], columns.shape[1]
    for job in range(low * outH, high * outH):
        plane, i = job // outH, job % outH
        top, bottom = rows[0, i], rows[1, i]
        sum_rows(x, (plane, plane + 1), height, (top, bottom), width, row)
        for j in range(outW):
            left, right = columns[0, j], columns[1, j]
            total = sum_columns(row, left, right)
            y[job * outW + j] = total / x.dtype.type(right - left) / x.dtype.type(bottom - top)


@ranged
def _spread_planes(low, high, dy, dx, sizes, rows, columns):
    height, width = sizes
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


def SpatialAdaptiveMaxPooling_updateOutput(input: Any, output: Any, indices: Any, rows: Any, columns: Any) -> None:
    """Maxima of windows ``rows[0, i] <= a < rows[1, i]``; ``indices[0]``, ``[1]``: row, column in the window, from 1.

    A window without a maximum gives the lowest finite float32 and indices 0.
    """
    _max(input, output, indices, rows, columns, input.dtype.type(np.finfo(np.float32).min))


def SpatialAdaptiveMaxPooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, rows: Any, columns: Any
) -> bool:
    """Every gradient goes to the place its maximum came from; returns whether some place lies outside."""
    planes, places = len(gradInput) * gradInput.shape[1], rows.shape[1] * columns.shape[1]
    dy, dx = gradOutput.reshape(planes, places), gradInput.reshape(planes, *gradInput.shape[2:])
    return _max_gradient(dy, dx, indices.reshape(2, planes, places), rows, columns)


def SpatialAdaptiveAveragePooling_updateOutput(input: Any, output: Any, rows: Any, columns: Any) -> None:
    """Means of windows ``rows[0, i] <= a < rows[1, i]``."""
    height, width = input.shape[2:]
    if rows.shape[1] == columns.shape[1] == 1:
        average_all(input, output, height * width)
    else:
        planes = input.size // (height * width)
        _average_planes(planes, float(input.size), flat(input), flat(output), (height, width), rows, columns)


def SpatialAdaptiveAveragePooling_updateGradInput(gradOutput: Any, gradInput: Any, rows: Any, columns: Any) -> None:
    height, width = gradInput.shape[2:]
    if rows.shape[1] == columns.shape[1] == 1:
        spread_all(gradOutput, gradInput, height * width)
    else:
        planes, arrays = gradInput.size // (height * width), (flat(gradOutput), flat(gradInput))
        _spread_planes(planes, float(gradInput.size), *arrays, (height, width), rows, columns)
