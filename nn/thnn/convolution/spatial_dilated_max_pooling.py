"""Max pooling of planes over windows with gaps."""

from __future__ import annotations

from typing import Any

from numba import prange

from ..cpu.runtime.jit import inner, parallel
from .windows import lowest, windows


@inner
def first_inside(start, step):
    """``start`` advanced by whole steps until it is not negative."""
    return start if start >= 0 else start + (-start + step - 1) // step * step


@inner
def _best(x, rows, columns, gaps, lowest):
    """The first maximum of a window and its place, 1 for the first element of the plane and 0 for none."""
    best, place, width = lowest, 0, x.shape[1]
    for a in range(rows[0], rows[1], gaps[0]):
        for b in range(columns[0], columns[1], gaps[1]):
            if x[a, b] > best:
                best, place = x[a, b], a * width + b + 1
    return best, place


@inner
def _pool_plane(x, y, places, w, gaps, lowest):
    (height, width), (gapH, gapW) = x.shape, gaps
    for i in range(y.shape[0]):
        top = i * w.dH - w.padH
        rows = first_inside(top, gapH), min(top + (w.kH - 1) * gapH + 1, height)
        for j in range(y.shape[1]):
            left = j * w.dW - w.padW
            columns = first_inside(left, gapW), min(left + (w.kW - 1) * gapW + 1, width)
            y[i, j], places[i, j] = _best(x, rows, columns, gaps, lowest)


@parallel
def _pool(x, y, places, w, gaps, lowest):
    planes = x.shape[1]
    for job in prange(x.shape[0] * planes):
        n, c = job // planes, job % planes
        _pool_plane(x[n, c], y[n, c], places[n, c], w, gaps, lowest)


def SpatialDilatedMaxPooling_updateOutput(
    input: Any, output: Any, indices: Any, geometry: tuple, dilationW: int, dilationH: int
) -> None:
    """As ``SpatialMaxPooling_updateOutput``; neighbours in a window are ``dilationW, dilationH`` pixels apart."""
    _pool(input, output, indices, windows(geometry), (dilationH, dilationW), lowest(input.dtype))
