"""Max pooling of planes over windows with gaps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from ..cpu.runtime.jit import kernel, parallel


@kernel
def first_inside(start, step):
    """``start`` advanced by whole steps until it is not negative."""
    return start if start >= 0 else start + (-start + step - 1) // step * step


@kernel
def _pool_plane(x, y, places, kH, kW, dH, dW, padH, padW, gapH, gapW, lowest):
    height, width = x.shape
    for i in range(y.shape[0]):
        top = i * dH - padH
        bottom, top = min(top + (kH - 1) * gapH + 1, height), first_inside(top, gapH)
        for j in range(y.shape[1]):
            left = j * dW - padW
            right, left = min(left + (kW - 1) * gapW + 1, width), first_inside(left, gapW)
            best, place = lowest, 0
            for a in range(top, bottom, gapH):
                for b in range(left, right, gapW):
                    if x[a, b] > best:
                        best, place = x[a, b], a * width + b + 1
            y[i, j], places[i, j] = best, place


@parallel
def _pool(x, y, places, kH, kW, dH, dW, padH, padW, gapH, gapW, lowest):
    planes = x.shape[1]
    for job in prange(x.shape[0] * planes):
        n, c = job // planes, job % planes
        _pool_plane(x[n, c], y[n, c], places[n, c], kH, kW, dH, dW, padH, padW, gapH, gapW, lowest)


def SpatialDilatedMaxPooling_updateOutput(
    input: Any,
    output: Any,
    indices: Any,
    kW: int,
    kH: int,
    dW: int,
    dH: int,
    padW: int,
    padH: int,
    dilationW: int,
    dilationH: int,
) -> None:
    """As ``SpatialMaxPooling_updateOutput``; neighbours in a window are ``dilationW, dilationH`` pixels apart."""
    lowest = input.dtype.type(np.finfo(input.dtype).min)
    _pool(input, output, indices, kH, kW, dH, dW, padH, padW, dilationH, dilationW, lowest)
