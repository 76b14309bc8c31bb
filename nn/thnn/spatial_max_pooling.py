"""Max pooling of planes with the places of the maxima."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from .jit import kernel, parallel


@kernel
def _pool_plane(x, y, places, kH, kW, dH, dW, padH, padW, lowest):
    height, width = x.shape
    for i in range(y.shape[0]):
        top, bottom = max(i * dH - padH, 0), min(i * dH - padH + kH, height)
        for j in range(y.shape[1]):
            left, right = max(j * dW - padW, 0), min(j * dW - padW + kW, width)
            best, place = lowest, 0
            for a in range(top, bottom):
                for b in range(left, right):
                    if x[a, b] > best:
                        best, place = x[a, b], a * width + b + 1
            y[i, j], places[i, j] = best, place


@parallel
def _pool(x, y, places, kH, kW, dH, dW, padH, padW, lowest):
    planes = x.shape[1]
    for job in prange(x.shape[0] * planes):
        n, c = job // planes, job % planes
        _pool_plane(x[n, c], y[n, c], places[n, c], kH, kW, dH, dW, padH, padW, lowest)


@parallel
def _scatter(dy, dx, places):
    planes = dx.shape[1]
    for job in prange(dx.shape[0] * planes):
        n, c = job // planes, job % planes
        plane, flow, where = dx[n, c].ravel(), dy[n, c].ravel(), places[n, c].ravel()
        plane[:] = 0
        for i in range(flow.size):
            if where[i] > 0:
                plane[where[i] - 1] += flow[i]


def SpatialMaxPooling_updateOutput(
    input: Any, output: Any, indices: Any, kW: int, kH: int, dW: int, dH: int, padW: int, padH: int
) -> None:
    """``N x C x H x W`` to ``N x C x oH x oW``; a window without a maximum gives the lowest finite number, index 0."""
    _pool(input, output, indices, kH, kW, dH, dW, padH, padW, input.dtype.type(np.finfo(input.dtype).min))


def SpatialMaxPooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> None:
    """Every gradient goes to the place its maximum came from."""
    _scatter(gradOutput, gradInput, indices)
