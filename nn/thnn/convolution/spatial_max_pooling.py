"""Max pooling of planes with the places of the maxima."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from ..cpu.runtime.jit import inlined, inner, kernel, parallel
from ..cpu.simd import registers as simd
from .windows import load_step, lowest, windows


@inner
def _pool_one(x, width, top, bottom, left, right, lowest):
    """Maximum of a window and its place, 1 for the first element of the plane and 0 for none."""
    best, place = lowest, 0
    for a in range(top, bottom):
        for b in range(left, right):
            if x[a, b] > best:
                best, place = x[a, b], a * width + b + 1
    return best, place


@inlined
def _larger(v, tap, best, offset):
    """The larger of v and best, and which tap it is from."""
    better = v > best
    return simd.select(better, v, best), simd.select(better, tap, offset)


@inner
def _pool_many(x, y, places, across, rows, columns, lowest):
    """The next outputs of a row, at most a vector, for windows of some rows.

    ``across``: kW and dW, which is 1 or 2; ``columns``: where the first window begins, and how many outputs there are.
    """
    (top, bottom), (left, count), (kW, dW) = rows, columns, across
    best, offset = simd.splat(x, lowest), simd.splat(x, -1)
    lanes, width = simd.lanes(x), x.shape[1]
    for a in range(top, bottom):
        start, taps = a * width + left, (a - top) * width
        if dW == 1:
            for b in range(kW):
                best, offset = _larger(simd.load_first(x, start + b, count), taps + b, best, offset)
        else:
            for b in range(0, kW - 1, 2):
                low = simd.load_first(x, start + b, 2 * count)
                high = simd.load_first(x, start + b + lanes, 2 * count - lanes)
                best, offset = _larger(simd.even(low, high), taps + b, best, offset)
                best, offset = _larger(simd.odd(low, high), taps + b + 1, best, offset)
            if kW % 2:
                v = load_step(x, start + kW - 1, 2, count)
                best, offset = _larger(v, taps + kW - 1, best, offset)
    simd.store_first(y, 0, best, count)
    place = simd.to_int64(offset)
    place += simd.steps(place, 0) * dW + (top * width + left + 1)
    simd.store_first(places, 0, simd.select(offset < 0, simd.splat(place, 0), place), count)


@kernel
def _pool_plane(x, y, places, w, lowest):
    height, width = x.shape
    outputs, lanes = y.shape[1], simd.lanes(x)
    # Outputs whose windows have no column outside.
    whole = (w.padW + w.dW - 1) // w.dW, (width + w.padW - w.kW) // w.dW + 1
    for i in range(y.shape[0]):
        top, bottom = max(i * w.dH - w.padH, 0), min(i * w.dH - w.padH + w.kH, height)
        j = 0
        while j < outputs:
            left = j * w.dW - w.padW
            if w.dW < 3 and whole[0] <= j < whole[1]:
                count = min(lanes, whole[1] - j)
                out, where = simd.at(y, i * outputs + j), simd.at(places, i * outputs + j)
                _pool_many(x, out, where, (w.kW, w.dW), (top, bottom), (left, count), lowest)
                j += count
            else:
                right = min(left + w.kW, width)
                y[i, j], places[i, j] = _pool_one(x, width, top, bottom, max(left, 0), right, lowest)
                j += 1


@parallel
def _pool(x, y, places, w, lowest):
    planes = x.shape[1]
    for job in prange(x.shape[0] * planes):
        n, c = job // planes, job % planes
        _pool_plane(x[n, c], y[n, c], places[n, c], w, lowest)


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


def SpatialMaxPooling_updateOutput(input: Any, output: Any, indices: Any, geometry: tuple) -> None:
    """``N x C x H x W`` to ``N x C x oH x oW``; ``geometry``: kW, kH, dW, dH, padW, padH.

    A window without a maximum gives the lowest finite number, index 0.
    """
    _pool(input, output, indices, windows(geometry), lowest(input.dtype))


def SpatialMaxPooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, geometry: tuple | None = None, gaps: tuple[int, int] = (1, 1)
) -> bool:
    """Every gradient goes to the place its maximum came from; returns whether some place lies outside.

    ``geometry`` and the ``gaps`` between taps, (height, width), tell a GPU which windows may have an element.
    """
    return _scatter(gradOutput, gradInput, indices)
