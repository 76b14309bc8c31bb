"""Sums over windows of frames, times a weight plus a bias of each feature."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from ..cpu.runtime.jit import inner, parallel

#: Features that one thread sums at a time.
BLOCK_FEATURES = 64


@parallel
def _forward(x, y, weight, bias, kW, dW):
    frames = y.shape[1]
    for job in prange(y.shape[0] * frames):
        n, t = job // frames, job % frames
        row = y[n, t]
        row[:] = 0
        for k in range(kW):
            frame = x[n, t * dW + k]
            for f in range(row.size):
                row[f] += frame[f]
        for f in range(row.size):
            row[f] = bias[f] + weight[f] * row[f]


@parallel
def _backward(dy, dx, weight, kW, dW):
    frames = dx.shape[1]
    for job in prange(dx.shape[0] * frames):
        n, t = job // frames, job % frames
        row = dx[n, t]
        row[:] = 0
        for s in range(max(0, (t - kW + dW) // dW), min(dy.shape[1], t // dW + 1)):
            for f in range(row.size):
                row[f] += weight[f] * dy[n, s, f]


@inner
def _add_frame(flow, frame, products):
    for f in range(flow.size):
        products[f] += flow[f] * frame[f]


@inner
def _add_sequence(x, dy, kW, dW, products, sums):
    """products += the sum of dy[t] * x[t dW + k], sums += the sum of dy[t], for some features"""
    for t in range(len(dy)):
        flow = dy[t]
        for f in range(flow.size):
            sums[f] += flow[f]
        for k in range(kW):
            _add_frame(flow, x[t * dW + k], products)


@parallel
def _accumulate(x, dy, dweight, dbias, kW, dW, scale):
    features = dweight.size
    for block in prange((features + BLOCK_FEATURES - 1) // BLOCK_FEATURES):
        first, last = block * BLOCK_FEATURES, min(features, block * BLOCK_FEATURES + BLOCK_FEATURES)
        products, sums = np.zeros(last - first, x.dtype), np.zeros(last - first, x.dtype)
        for n in range(dy.shape[0]):
            _add_sequence(x[n, :, first:last], dy[n, :, first:last], kW, dW, products, sums)
        dweight[first:last] += scale * products
        dbias[first:last] += scale * sums


def TemporalSubSampling_updateOutput(input: Any, output: Any, weight: Any, bias: Any, kW: int, dW: int) -> None:
    """``N x T x F`` to ``N x oT x F`` with F weights and biases."""
    _forward(input, output, weight, bias, kW, dW)


def TemporalSubSampling_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any, kW: int, dW: int) -> None:
    _backward(gradOutput, gradInput, weight, kW, dW)


def TemporalSubSampling_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, kW: int, dW: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and ``gradBias``."""
    _accumulate(input, gradOutput, gradWeight, gradBias, kW, dW, input.dtype.type(scale))
