"""Max unpooling of planes: values go back to the places of maxima."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from ..cpu.runtime.jit import kernel, parallel


@parallel
def _unpool(x, y, places):
    size = y.shape[1]
    bad = np.zeros(x.shape[0], np.int64)
    for plane in prange(x.shape[0]):
        y[plane] = 0
        for i in range(x.shape[1]):
            if 1 <= places[plane, i] <= size:
                y[plane, places[plane, i] - 1] = x[plane, i]
            else:
                bad[plane] = i + 1
    return bad


@parallel
def _gather(dy, dx, places):
    bad = np.zeros(dx.shape[0], np.int64)
    for plane in prange(dx.shape[0]):
        for i in range(dx.shape[1]):
            if 1 <= places[plane, i] <= dy.shape[1]:
                dx[plane, i] = dy[plane, places[plane, i] - 1]
            else:
                bad[plane] = i + 1
    return bad


@kernel
def _first(bad, places):
    """Where a place lies outside, counted through all planes, or -1."""
    for plane in range(bad.size):
        if bad[plane]:
            return plane * places.shape[1] + bad[plane] - 1
    return -1


def SpatialMaxUnpooling_updateOutput(input: Any, output: Any, indices: Any) -> int:
    """Planes x places: every value to its place (from 1), zeros elsewhere; where an index lies outside, or -1."""
    return _first(_unpool(input, output, indices), indices)


def SpatialMaxUnpooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> int:
    """Every gradient from its place; returns as the forward pass."""
    return _first(_gather(gradOutput, gradInput, indices), indices)
