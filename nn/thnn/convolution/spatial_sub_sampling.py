"""Sums over windows of planes, times a weight plus a bias of each plane."""

from __future__ import annotations

from typing import Any

from numba import prange

from ..cpu.runtime.jit import kernel, parallel


@kernel
def _add_windows(x, y, kH, kW, dH, dW, weight):
    """y[i][j] += weight * x[i dH + a][j dW + b] for every a, b of the window"""
    for i in range(y.shape[0]):
        target = y[i]
        for a in range(kH):
            for b in range(kW):
                source = x[i * dH + a, b:]
                for j in range(target.size):
                    target[j] += weight * source[j * dW]


@kernel
def _spread(dy, dx, kH, kW, dH, dW, weight):
    """dx[i dH + a][j dW + b] += weight * dy[i][j] for every a, b of the window"""
    for i in range(dy.shape[0]):
        source = dy[i]
        for a in range(kH):
            for b in range(kW):
                target = dx[i * dH + a, b:]
                for j in range(source.size):
                    target[j * dW] += weight * source[j]


@kernel
def _product(x, dy, kH, kW, dH, dW):
    """The sum of dy[i][j] times all of its window"""
    total = x.dtype.type(0)
    for i in range(dy.shape[0]):
        for a in range(kH):
            for b in range(kW):
                source, along = x[i * dH + a, b:], dy[i]
                for j in range(along.size):
                    total += source[j * dW] * along[j]
    return total


@parallel
def _forward(x, y, weight, bias, kH, kW, dH, dW):
    planes = x.shape[1]
    for job in prange(x.shape[0] * planes):
        n, c = job // planes, job % planes
        y[n, c] = bias[c]
        _add_windows(x[n, c], y[n, c], kH, kW, dH, dW, weight[c])


@parallel
def _backward(dy, dx, weight, kH, kW, dH, dW):
    planes = dx.shape[1]
    for job in prange(dx.shape[0] * planes):
        n, c = job // planes, job % planes
        dx[n, c] = 0
        _spread(dy[n, c], dx[n, c], kH, kW, dH, dW, weight[c])


@parallel
def _accumulate(x, dy, dweight, dbias, kH, kW, dH, dW, scale):
    for c in prange(dweight.size):
        for n in range(x.shape[0]):
            dweight[c] += scale * _product(x[n, c], dy[n, c], kH, kW, dH, dW)
            dbias[c] += scale * dy[n, c].sum()


def SpatialSubSampling_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, kW: int, kH: int, dW: int, dH: int
) -> None:
    """``N x C x H x W`` to ``N x C x oH x oW`` with C weights and biases."""
    _forward(input, output, weight, bias, kH, kW, dH, dW)


def SpatialSubSampling_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, kW: int, kH: int, dW: int, dH: int
) -> None:
    _backward(gradOutput, gradInput, weight, kH, kW, dH, dW)


def SpatialSubSampling_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, kW: int, kH: int, dW: int, dH: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and ``gradBias``."""
    _accumulate(input, gradOutput, gradWeight, gradBias, kH, kW, dH, dW, input.dtype.type(scale))
