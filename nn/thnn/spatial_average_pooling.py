"""Average pooling of planes."""

from __future__ import annotations

from typing import Any

from numba import prange

from .jit import kernel, parallel


@kernel
def _window(i, k, d, pad, size):
    """Window ``i`` of one axis: its extent up to the padded border, and its first and last pixel inside."""
    start = i * d - pad
    end = min(start + k, size + pad)
    return end - start, max(start, 0), min(end, size)


@kernel
def _divisor(extentH, extentW, rows, columns, include, divide):
    """What the sum over a window is divided by."""
    return (extentH * extentW if include else rows * columns) if divide else 1


@parallel
def _forward(x, y, kH, kW, dH, dW, padH, padW, include, divide):
    planes = x.shape[1]
    for job in prange(x.shape[0] * planes):
        plane, out = x[job // planes, job % planes], y[job // planes, job % planes]
        for i in range(out.shape[0]):
            extentH, top, bottom = _window(i, kH, dH, padH, plane.shape[0])
            for j in range(out.shape[1]):
                extentW, left, right = _window(j, kW, dW, padW, plane.shape[1])
                total = x.dtype.type(0)
                for a in range(top, bottom):
                    for b in range(left, right):
                        total += plane[a, b]
                out[i, j] = total / x.dtype.type(
                    _divisor(extentH, extentW, bottom - top, right - left, include, divide)
                )


@parallel
def _backward(dy, dx, kH, kW, dH, dW, padH, padW, include, divide):
    planes = dx.shape[1]
    for job in prange(dx.shape[0] * planes):
        flow, plane = dy[job // planes, job % planes], dx[job // planes, job % planes]
        plane[:] = 0
        for i in range(flow.shape[0]):
            extentH, top, bottom = _window(i, kH, dH, padH, plane.shape[0])
            for j in range(flow.shape[1]):
                extentW, left, right = _window(j, kW, dW, padW, plane.shape[1])
                share = flow[i, j] / dx.dtype.type(
                    _divisor(extentH, extentW, bottom - top, right - left, include, divide)
                )
                for a in range(top, bottom):
                    for b in range(left, right):
                        plane[a, b] += share


def SpatialAveragePooling_updateOutput(
    input: Any,
    output: Any,
    kW: int,
    kH: int,
    dW: int,
    dH: int,
    padW: int,
    padH: int,
    include: bool,
    divide: bool,
) -> None:
    """``N x C x H x W`` to ``N x C x oH x oW``; ``include``: the divisor counts the border; without ``divide`` sums."""
    _forward(input, output, kH, kW, dH, dW, padH, padW, include, divide)


def SpatialAveragePooling_updateGradInput(
    gradOutput: Any,
    gradInput: Any,
    kW: int,
    kH: int,
    dW: int,
    dH: int,
    padW: int,
    padH: int,
    include: bool,
    divide: bool,
) -> None:
    """Every gradient is spread evenly over its window."""
    _backward(gradOutput, gradInput, kH, kW, dH, dW, padH, padW, include, divide)
