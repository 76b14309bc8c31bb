"""Convolution of planes with a kernel for every output pixel: a small matrix times its patch of the input."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import simd
from .jit import inner, kernel, parallel

Pair = tuple[int, int]


@kernel
def _take(x, top, left, patch):
    """patch[i][a][b] = x[i][top + a][left + b], zero outside of x"""
    height, width = x.shape[1:]
    first, last = max(0, -left), min(patch.shape[2], width - left)
    for i in range(patch.shape[0]):
        for a in range(patch.shape[1]):
            row = patch[i, a]
            row[:] = 0
            if 0 <= top + a < height:
                for b in range(first, last):
                    row[b] = x[i, top + a, left + b]


@kernel
def _give(patch, top, left, x):
    """x[i][top + a][left + b] += patch[i][a][b], inside of x"""
    height, width = x.shape[1:]
    first, last = max(0, -left), min(patch.shape[2], width - left)
    for i in range(patch.shape[0]):
        for a in range(max(0, -top), min(patch.shape[1], height - top)):
            for b in range(first, last):
                x[i, top + a, left + b] += patch[i, a, b]


@inner
def _dot(a, b, n):
    width = simd.lanes(a)
    total = simd.splat(a, 0)
    for i in range(0, n, width):
        count = min(width, n - i)
        total = simd.fma(simd.load_first(a, i, count), simd.load_first(b, i, count), total)
    return simd.total(total)


@parallel
def _forward(x, y, weight, bias, dH, dW, padH, padW):
    rows, columns, planes = weight.shape[:3]
    n_weights = weight[0, 0, 0].size
    for job in prange(rows * columns):
        r, c = job // columns, job % columns
        patch = np.empty(weight.shape[3:], x.dtype)
        for n in range(x.shape[0]):
            _take(x[n], r * dH - padH, c * dW - padW, patch)
            for o in range(planes):
                product = _dot(simd.at(weight, (job * planes + o) * n_weights), simd.at(patch, 0), n_weights)
                y[n, o, r, c] = bias[o, r, c] + product


@parallel
def _backward(dy, dx, weight, dH, dW, padH, padW):
    rows, columns, planes = weight.shape[:3]
    for n in prange(dx.shape[0]):
        dx[n] = 0
        patch = np.empty(weight.shape[3:], dx.dtype)
        flat = patch.reshape(-1)
        for r in range(rows):
            for c in range(columns):
                flat[:] = 0
                for o in range(planes):
                    w, g = weight[r, c, o].reshape(-1), dy[n, o, r, c]
                    for k in range(flat.size):
                        flat[k] += g * w[k]
                _give(patch, r * dH - padH, c * dW - padW, dx[n])


@parallel
def _accumulate(x, dy, dweight, dbias, dH, dW, padH, padW, scale):
    rows, columns, planes = dweight.shape[:3]
    for job in prange(rows * columns):
        r, c = job // columns, job % columns
        patch = np.empty(dweight.shape[3:], x.dtype)
        flat = patch.reshape(-1)
        for n in range(x.shape[0]):
            _take(x[n], r * dH - padH, c * dW - padW, patch)
            for o in range(planes):
                w, g = dweight[r, c, o].reshape(-1), scale * dy[n, o, r, c]
                dbias[o, r, c] += g
                for k in range(flat.size):
                    w[k] += g * flat[k]


def SpatialConvolutionLocal_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, stride: Pair, pad: Pair
) -> None:
    """``N x I x H x W`` to ``N x O x oH x oW``; ``weight`` ``oH x oW x O x I x kH x kW``, ``bias`` or None."""
    bias = np.zeros(output.shape[1:], output.dtype) if bias is None else bias
    _forward(input, output, weight, bias, *stride, *pad)


def SpatialConvolutionLocal_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, stride: Pair, pad: Pair
) -> None:
    _backward(gradOutput, gradInput, weight, *stride, *pad)


def SpatialConvolutionLocal_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, stride: Pair, pad: Pair, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and, unless it is None, ``gradBias``."""
    sums = np.zeros(gradOutput.shape[1:], gradOutput.dtype) if gradBias is None else gradBias
    _accumulate(input, gradOutput, gradWeight, sums, *stride, *pad, input.dtype.type(scale))
