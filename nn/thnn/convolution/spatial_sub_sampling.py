"""Sums over windows of planes, times a weight plus a bias of each plane."""

from __future__ import annotations

from typing import Any, NamedTuple

from numba import prange

from ..cpu.runtime.jit import inner, parallel


class Windows(NamedTuple):
    """``kH x kW`` pixels that move by ``dH``, ``dW``."""

    kH: int
    kW: int
    dH: int
    dW: int


@inner
def _add_multiple(source, step, weight, target):
    """target[j] += weight * source[j step]"""
    for j in range(target.size):
        target[j] += weight * source[j * step]


@inner
def _spread_multiple(source, step, weight, target):
    """target[j step] += weight * source[j]"""
    for j in range(source.size):
        target[j * step] += weight * source[j]


@inner
def _dot(source, step, along, total):
    """``total`` and the sum of source[j step] * along[j]"""
    for j in range(along.size):
        total += source[j * step] * along[j]
    return total


@inner
def _add_windows(x, y, w, weight):
    """y[i][j] += weight * x[i dH + a][j dW + b] for every a, b of the window"""
    for i in range(y.shape[0]):
        for a in range(w.kH):
            for b in range(w.kW):
                _add_multiple(x[i * w.dH + a, b:], w.dW, weight, y[i])


@inner
def _spread(dy, dx, w, weight):
    """dx[i dH + a][j dW + b] += weight * dy[i][j] for every a, b of the window"""
    for i in range(dy.shape[0]):
        for a in range(w.kH):
            for b in range(w.kW):
                _spread_multiple(dy[i], w.dW, weight, dx[i * w.dH + a, b:])


@inner
def _product(x, dy, w):
    """The sum of dy[i][j] times all of its window"""
    total = x.dtype.type(0)
    for i in range(dy.shape[0]):
        for a in range(w.kH):
            for b in range(w.kW):
                total = _dot(x[i * w.dH + a, b:], w.dW, dy[i], total)
    return total


@parallel
def _forward(x, y, weight, bias, w):
    planes = x.shape[1]
    for job in prange(x.shape[0] * planes):
        n, c = job // planes, job % planes
        y[n, c] = bias[c]
        _add_windows(x[n, c], y[n, c], w, weight[c])


@parallel
def _backward(dy, dx, weight, w):
    planes = dx.shape[1]
    for job in prange(dx.shape[0] * planes):
        n, c = job // planes, job % planes
        dx[n, c] = 0
        _spread(dy[n, c], dx[n, c], w, weight[c])


@parallel
def _accumulate(x, dy, dweight, dbias, w, scale):
    for c in prange(dweight.size):
        for n in range(x.shape[0]):
            dweight[c] += scale * _product(x[n, c], dy[n, c], w)
            dbias[c] += scale * dy[n, c].sum()


def _windows(kW: int, kH: int, dW: int, dH: int) -> Windows:
    """From the order of Torch's arguments."""
    return Windows(kH, kW, dH, dW)


def SpatialSubSampling_updateOutput(input: Any, output: Any, weight: Any, bias: Any, geometry: tuple) -> None:
    """``N x C x H x W`` to ``N x C x oH x oW`` with C weights and biases; ``geometry``: kW, kH, dW, dH."""
    _forward(input, output, weight, bias, _windows(*geometry))


def SpatialSubSampling_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any, geometry: tuple) -> None:
    """The gradient with respect to the input."""
    _backward(gradOutput, gradInput, weight, _windows(*geometry))


def SpatialSubSampling_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, geometry: tuple, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and ``gradBias``."""
    _accumulate(input, gradOutput, gradWeight, gradBias, _windows(*geometry), input.dtype.type(scale))
