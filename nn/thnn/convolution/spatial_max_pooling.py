"""Max pooling of planes with the places of the maxima."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from ..cpu.runtime.jit import inner, kernel, parallel
from ..cpu.simd import registers as simd


@inner
def _pool_one(x, width, top, bottom, left, right, lowest):
    """Maximum of a window and its place, 1 for the first element of the plane and 0 for none."""
    best, place = lowest, 0
    for a in range(top, bottom):
        for b in range(left, right):
            if x[a, b] > best:
                best, place = x[a, b], a * width + b + 1
    return best, place


@inner
def _pool_many(x, y, places, width, top, bottom, kW, dW, left, count, lowest):
    """The next ``count`` outputs of a row, at most a vector; the windows begin at column ``left`` and dW is 1 or 2."""
    best, offset = simd.splat(x, lowest), simd.splat(x, -1)
    lanes = simd.lanes(x)
    for a in range(top, bottom):
        for b in range(kW):
            i = a * width + left + b
            if dW == 1:
                v = simd.load_first(x, i, count)
            else:
                v = simd.even(
                    simd.load_first(x, i, 2 * count - 1), simd.load_first(x, i + lanes, 2 * count - 1 - lanes)
                )
            better = v > best
            best = simd.select(better, v, best)
            offset = simd.select(better, (a - top) * width + b, offset)
    simd.store_first(y, 0, best, count)
    place = simd.to_int64(offset)
    place += simd.steps(place, 0) * dW + (top * width + left + 1)
    simd.store_first(places, 0, simd.select(offset < 0, simd.splat(place, 0), place), count)


@kernel
def _pool_plane(x, y, places, kH, kW, dH, dW, padH, padW, lowest):
    height, width = x.shape
    outputs, lanes = y.shape[1], simd.lanes(x)
    whole = (padW + dW - 1) // dW, (width + padW - kW) // dW + 1  # outputs whose windows have no column outside
    for i in range(y.shape[0]):
        top, bottom = max(i * dH - padH, 0), min(i * dH - padH + kH, height)
        j = 0
        while j < outputs:
            left = j * dW - padW
            if dW < 3 and whole[0] <= j < whole[1]:
                count = min(lanes, whole[1] - j)
                out, where = simd.at(y, i * outputs + j), simd.at(places, i * outputs + j)
                _pool_many(x, out, where, width, top, bottom, kW, dW, left, count, lowest)
                j += count
            else:
                right = min(left + kW, width)
                y[i, j], places[i, j] = _pool_one(x, width, top, bottom, max(left, 0), right, lowest)
                j += 1


@parallel
def _pool(x, y, places, kH, kW, dH, dW, padH, padW, lowest):
    planes = x.shape[1]
    for job in prange(x.shape[0] * planes):
        n, c = job // planes, job % planes
        _pool_plane(x[n, c], y[n, c], places[n, c], kH, kW, dH, dW, padH, padW, lowest)


@parallel
def _scatter(dy, dx, places):
    planes = dx.shape[1]
    outside = np.zeros(dx.shape[0] * planes, np.bool_)
    for job in prange(dx.shape[0] * planes):
        n, c = job // planes, job % planes
        plane, flow, where = dx[n, c].ravel(), dy[n, c].ravel(), places[n, c].ravel()
        plane[:] = 0
        for i in range(flow.size):
            if 0 < where[i] <= plane.size:
                plane[where[i] - 1] += flow[i]
            elif where[i] != 0:
                outside[job] = True
    return outside.any()


def SpatialMaxPooling_updateOutput(
    input: Any, output: Any, indices: Any, kW: int, kH: int, dW: int, dH: int, padW: int, padH: int
) -> None:
    """``N x C x H x W`` to ``N x C x oH x oW``; a window without a maximum gives the lowest finite number, index 0."""
    _pool(input, output, indices, kH, kW, dH, dW, padH, padW, input.dtype.type(np.finfo(input.dtype).min))


def SpatialMaxPooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> bool:
    """Every gradient goes to the place its maximum came from; returns whether some place lies outside."""
    return _scatter(gradOutput, gradInput, indices)
