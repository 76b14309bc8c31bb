"""Convolution of each feature of a sequence by itself: N x F x T, or with frames first N x T x F.

Loops run along the last axis. Frames first, the weights come as kW x F.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from ..cpu.runtime.jit import inner, parallel

#: Features that one thread sums at a time.
BLOCK_FEATURES = 64


@parallel
def _forward(x, y, weight, bias, dW):
    features = x.shape[1]
    for job in prange(x.shape[0] * features):
        n, f = job // features, job % features
        source, target = x[n, f], y[n, f]
        target[:] = bias[f]
        for k in range(weight.shape[1]):
            w = weight[f, k]
            for t in range(target.size):
                target[t] += w * source[t * dW + k]


@parallel
def _backward(dy, dx, weight, dW):
    features = dx.shape[1]
    for job in prange(dx.shape[0] * features):
        n, f = job // features, job % features
        source, target = dy[n, f], dx[n, f]
        target[:] = 0
        for k in range(weight.shape[1]):
            w = weight[f, k]
            for t in range(source.size):
                target[t * dW + k] += w * source[t]


@inner
def _add_taps(source, flow, dW, scale, dweight):
    """dweight[k] += scale * the sum of flow[t] * source[t dW + k]"""
    for k in range(dweight.size):
        total = source.dtype.type(0)
        for t in range(flow.size):
            total += flow[t] * source[t * dW + k]
        dweight[k] += scale * total


@parallel
def _accumulate(x, dy, dweight, dbias, dW, scale):
    for f in prange(len(dweight)):
        for n in range(x.shape[0]):
            _add_taps(x[n, f], dy[n, f], dW, scale, dweight[f])
            dbias[f] += scale * dy[n, f].sum()


@parallel
def _forward_frames(x, y, weight, bias, dW):
    frames = y.shape[1]
    for job in prange(y.shape[0] * frames):
        n, t = job // frames, job % frames
        target = y[n, t]
        target[:] = bias
        for k in range(len(weight)):
            source, w = x[n, t * dW + k], weight[k]
            for f in range(target.size):
                target[f] += w[f] * source[f]


@parallel
def _backward_frames(dy, dx, weight, dW):
    frames, kW = dx.shape[1], len(weight)
    for job in prange(dx.shape[0] * frames):
        n, t = job // frames, job % frames
        target = dx[n, t]
        target[:] = 0
        for s in range(max(0, (t - kW + dW) // dW), min(dy.shape[1], t // dW + 1)):
            source, w = dy[n, s], weight[t - s * dW]
            for f in range(target.size):
                target[f] += w[f] * source[f]


@inner
def _add_sequence(x, dy, dW, products, sums):
    """products[k] += the sum of dy[t] * x[t dW + k], sums += the sum of dy[t], for some features"""
    for t in range(len(dy)):
        flow = dy[t]
        for f in range(flow.size):
            sums[f] += flow[f]
        for k in range(len(products)):
            _add_product(flow, x[t * dW + k], products[k])


@inner
def _add_product(flow, frame, product):
    for f in range(flow.size):
        product[f] += flow[f] * frame[f]


@parallel
def _accumulate_frames(x, dy, dweight, dbias, dW, scale):
    kW, features = dweight.shape
    for block in prange((features + BLOCK_FEATURES - 1) // BLOCK_FEATURES):
        first, last = block * BLOCK_FEATURES, min(features, block * BLOCK_FEATURES + BLOCK_FEATURES)
        products, sums = np.zeros((kW, last - first), x.dtype), np.zeros(last - first, x.dtype)
        for n in range(dy.shape[0]):
            _add_sequence(x[n, :, first:last], dy[n, :, first:last], dW, products, sums)
        dweight[:, first:last] += scale * products
        dbias[first:last] += scale * sums


def _columns(weight: Any) -> Any:
    """F x 1 x kW weights as kW x F."""
    return np.ascontiguousarray(weight[:, 0].T)


def TemporalRowConvolution_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, dW: int, featFirst: bool
) -> None:
    """``N x F x T`` to ``N x F x oT``, or frames first; ``weight`` ``F x 1 x kW``, ``bias`` F elements or None."""
    bias = np.zeros(len(weight), weight.dtype) if bias is None else bias
    if featFirst:
        _forward(input, output, weight.reshape(len(weight), -1), bias, dW)
    else:
        _forward_frames(input, output, _columns(weight), bias, dW)


def TemporalRowConvolution_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, dW: int, featFirst: bool
) -> None:
    if featFirst:
        _backward(gradOutput, gradInput, weight.reshape(len(weight), -1), dW)
    else:
        _backward_frames(gradOutput, gradInput, _columns(weight), dW)


def TemporalRowConvolution_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, dW: int, featFirst: bool, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and, unless it is None, ``gradBias``."""
    scale = input.dtype.type(scale)
    sums = np.zeros(len(gradWeight), gradWeight.dtype) if gradBias is None else gradBias
    if featFirst:
        _accumulate(input, gradOutput, gradWeight.reshape(len(gradWeight), -1), sums, dW, scale)
    else:
        columns = _columns(gradWeight)
        _accumulate_frames(input, gradOutput, columns, sums, dW, scale)
        gradWeight[:, 0] = columns.T
