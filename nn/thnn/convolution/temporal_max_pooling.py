"""Max pooling of sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from ..cpu.runtime.jit import inner, parallel
from .windows import lowest


@inner
def _take_better(frame, k, best, places):
    """Frame number ``k`` of a window against the best so far."""
    for f in range(frame.size):
        if frame[f] > best[f]:
            best[f], places[f] = frame[f], k


@inner
def _pool_sequence(x, y, places, kW, dW, lowest):
    for t in range(y.shape[0]):
        y[t], places[t] = lowest, -1
        for k in range(kW):
            _take_better(x[t * dW + k], k, y[t], places[t])


@parallel
def _pool(x, y, places, kW, dW, lowest):
    for n in prange(x.shape[0]):
        _pool_sequence(x[n], y[n], places[n], kW, dW, lowest)


@inner
def _scatter_sequence(dy, dx, places, dW):
    """The gradients of one sequence; whether some place lies outside"""
    outside = False
    dx[:] = 0
    for t in range(dy.shape[0]):
        for f in range(dy.shape[1]):
            place = places[t, f]
            if 0 <= place < dx.shape[0] - t * dW:
                dx[t * dW + place, f] += dy[t, f]
            elif place != -1:
                outside = True
    return outside


@parallel
def _scatter(dy, dx, places, dW):
    outside = np.zeros(dx.shape[0], np.bool_)
    for n in prange(dx.shape[0]):
        outside[n] = _scatter_sequence(dy[n], dx[n], places[n], dW)
    return outside.any()


def TemporalMaxPooling_updateOutput(input: Any, output: Any, indices: Any, kW: int, dW: int) -> None:
    """``N x T x F`` to ``N x oT x F``; ``indices``: place in the window from 0, or -1 where there is no maximum."""
    _pool(input, output, indices, kW, dW, lowest(input.dtype))


def TemporalMaxPooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, dW: int, kW: int | None = None
) -> bool:
    """Every gradient goes to the place its maximum came from; returns whether some place lies outside.

    ``kW``, the frames of a window, is for a GPU, where every place asks the windows over it.
    """
    return _scatter(gradOutput, gradInput, indices, dW)
