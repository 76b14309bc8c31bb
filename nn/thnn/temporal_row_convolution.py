"""Convolution of each feature of a sequence by itself.

The kernels see features first, N x F x T; frames first come to them as views with exchanged axes.
"""

from __future__ import annotations

from typing import Any

from numba import prange

from .jit import parallel


@parallel
def _forward(x, y, weight, bias, has_bias, dW):
    features = x.shape[1]
    for job in prange(x.shape[0] * features):
        n, f = job // features, job % features
        source, target = x[n, f], y[n, f]
        target[:] = bias[f] if has_bias else 0
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


@parallel
def _accumulate(x, dy, dweight, dbias, has_bias, dW, scale):
    for f in prange(dweight.shape[0]):
        for n in range(x.shape[0]):
            source, flow = x[n, f], dy[n, f]
            for k in range(dweight.shape[1]):
                total = x.dtype.type(0)
                for t in range(flow.size):
                    total += flow[t] * source[t * dW + k]
                dweight[f, k] += scale * total
            if has_bias:
                total = x.dtype.type(0)
                for t in range(flow.size):
                    total += flow[t]
                dbias[f] += scale * total


def _features_first(x: Any, featFirst: bool) -> Any:
    return x if featFirst else x.swapaxes(1, 2)


def _rows(weight: Any) -> Any:
    return weight.reshape(len(weight), -1)


def TemporalRowConvolution_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, dW: int, featFirst: bool
) -> None:
    """``N x F x T`` to ``N x F x oT``, or frames first; ``weight`` ``F x 1 x kW``, ``bias`` F elements or None."""
    x, y = _features_first(input, featFirst), _features_first(output, featFirst)
    rows = _rows(weight)
    _forward(x, y, rows, weight.reshape(-1) if bias is None else bias, bias is not None, dW)


def TemporalRowConvolution_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, dW: int, featFirst: bool
) -> None:
    _backward(_features_first(gradOutput, featFirst), _features_first(gradInput, featFirst), _rows(weight), dW)


def TemporalRowConvolution_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, dW: int, featFirst: bool, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and, unless it is None, ``gradBias``."""
    x, dy = _features_first(input, featFirst), _features_first(gradOutput, featFirst)
    rows, scale = _rows(gradWeight), input.dtype.type(scale)
    _accumulate(x, dy, rows, gradWeight.reshape(-1) if gradBias is None else gradBias, gradBias is not None, dW, scale)
