"""Average pooling of planes."""

from __future__ import annotations

from typing import Any

import numba
from numba import prange

from ..cpu.runtime.jit import inner, kernel, parallel
from ..cpu.runtime.partition import bound
from ..cpu.simd import registers as simd
from .box_sums import add_to_columns, add_to_rows, average_all, row_like, spread_all, sum_columns, sum_rows

#: From how many windows in a row on vectors of windows pay.
MANY = 8


@kernel
def _window(i, k, d, pad, size):
    """Window ``i`` of one axis: its extent up to the padded border, and its first and last pixel inside."""
    start = i * d - pad
    end = min(start + k, size + pad)
    return end - start, max(start, 0), min(end, size)


@kernel
def _divisor(extentH, extentW, rows, columns, include):
    """What the sum over a window is divided by."""
    return extentH * extentW if include else rows * columns


@inner
def _sum_many(x, y, width, top, bottom, kW, dW, left, count, divisor):
    """The next ``count`` outputs of a row, at most a vector; the windows begin at column ``left`` and dW is 1 or 2."""
    lanes = simd.lanes(x)
    total = simd.splat(x, 0)
    for i in range(top * width + left, bottom * width + left, width):
        for j in range(i, i + kW):
            if dW == 1:
                total += simd.load_first(x, j, count)
            else:
                low, high = simd.load_first(x, j, 2 * count - 1), simd.load_first(x, j + lanes, 2 * count - 1 - lanes)
                total += simd.even(low, high)
    simd.store_first(y, 0, total / divisor, count)


@inner
def _spread_many(dy, dx, width, top, bottom, kW, dW, left, count, divisor):
    """The transpose of :func:`_sum_many`: add each gradient's share to its window."""
    lanes = simd.lanes(dx)
    share, zero = simd.load_first(dy, 0, count) / divisor, simd.splat(dx, 0)
    low, high = simd.zip_low(share, zero), simd.zip_high(share, zero)
    for i in range(top * width + left, bottom * width + left, width):
        for j in range(i, i + kW):
            if dW == 1:
                simd.store_first(dx, j, simd.load_first(dx, j, count) + share, count)
            else:
                m = 2 * count - 1
                simd.store_first(dx, j, simd.load_first(dx, j, m) + low, m)
                simd.store_first(dx, j + lanes, simd.load_first(dx, j + lanes, m - lanes) + high, m - lanes)


@inner
def _whole(width, kW, dW, padW):
    """The first output whose window has no column outside, and the first one after these."""
    return (padW + dW - 1) // dW, (width + padW - kW) // dW + 1 if dW < 3 else 0


@kernel
def _forward_plane(plane, out, kH, kW, dH, dW, padH, padW, include):
    lanes, width = simd.lanes(plane), plane.shape[1]
    begin, end = _whole(width, kW, dW, padW)
    for i in range(out.shape[0]):
        extentH, top, bottom = _window(i, kH, dH, padH, plane.shape[0])
        j = 0
        while j < out.shape[1]:
            extentW, left, right = _window(j, kW, dW, padW, width)
            divisor = _divisor(extentH, extentW, bottom - top, right - left, include)
            if begin <= j < end:
                count = min(lanes, end - j)
                _sum_many(plane, simd.at(out, i * out.shape[1] + j), width, top, bottom, kW, dW, left, count, divisor)
                j += count
            else:
                total = plane.dtype.type(0)
                for a in range(top, bottom):
                    for b in range(left, right):
                        total += plane[a, b]
                out[i, j] = total / plane.dtype.type(divisor)
                j += 1


@kernel
def _backward_plane(flow, plane, kH, kW, dH, dW, padH, padW, include):
    lanes, width = simd.lanes(plane), plane.shape[1]
    begin, end = _whole(width, kW, dW, padW)
    plane[:] = 0
    for i in range(flow.shape[0]):
        extentH, top, bottom = _window(i, kH, dH, padH, plane.shape[0])
        j = 0
        while j < flow.shape[1]:
            extentW, left, right = _window(j, kW, dW, padW, width)
            divisor = _divisor(extentH, extentW, bottom - top, right - left, include)
            if begin <= j < end:
                count = min(lanes, end - j)
                source = simd.at(flow, i * flow.shape[1] + j)
                _spread_many(source, plane, width, top, bottom, kW, dW, left, count, divisor)
                j += count
            else:
                share = flow[i, j] / plane.dtype.type(divisor)
                for a in range(top, bottom):
                    for b in range(left, right):
                        plane[a, b] += share
                j += 1


@kernel
def _forward_rows(x, y, sizes, kH, kW, dH, dW, padH, padW, include, low, high):
    """Planes ``low`` to ``high`` of flat arrays; sizes: height and width of planes, then of outputs"""
    height, width, outH, outW = sizes
    row = row_like(x, width)
    for job in range(low * outH, high * outH):
        plane = job // outH
        extentH, top, bottom = _window(job - plane * outH, kH, dH, padH, height)
        sum_rows(x, (plane, plane + 1), height, (top, bottom), width, row)
        for j in range(outW):
            extentW, left, right = _window(j, kW, dW, padW, width)
            divisor = _divisor(extentH, extentW, bottom - top, right - left, include)
            y[job * outW + j] = sum_columns(row, left, right) / x.dtype.type(divisor)


@kernel
def _backward_rows(dy, dx, sizes, kH, kW, dH, dW, padH, padW, include, low, high):
    height, width, outH, outW = sizes
    row, written = row_like(dx, width), low * height
    for job in range(low * outH, high * outH):
        plane = job // outH
        extentH, top, bottom = _window(job - plane * outH, kH, dH, padH, height)
        row[:] = 0
        for j in range(outW):
            extentW, left, right = _window(j, kW, dW, padW, width)
            divisor = _divisor(extentH, extentW, bottom - top, right - left, include)
            add_to_columns(dy[job * outW + j] / dx.dtype.type(divisor), row, left, right)
        first = plane * height + min(top, bottom)
        dx[written * width : first * width] = 0
        written = max(written, first)
        add_to_rows(row, dx, (plane, plane + 1), height, (top, bottom), width, written)
        written = max(written, plane * height + bottom)
    dx[written * width : high * height * width] = 0


@parallel
def _forward(x, y, kH, kW, dH, dW, padH, padW, include, parts):
    planes, sizes = x.shape[0], (x.shape[1], x.shape[2], y.shape[1], y.shape[2])
    for t in prange(parts):
        low, high = bound(planes, t, parts, 1), bound(planes, t + 1, parts, 1)
        if dW < 3 and sizes[3] >= MANY:
            for n in range(low, high):
                _forward_plane(x[n], y[n], kH, kW, dH, dW, padH, padW, include)
        else:
            x_flat, y_flat = x.reshape(x.size), y.reshape(y.size)
            _forward_rows(x_flat, y_flat, sizes, kH, kW, dH, dW, padH, padW, include, low, high)


@parallel
def _backward(dy, dx, kH, kW, dH, dW, padH, padW, include, parts):
    planes, sizes = dx.shape[0], (dx.shape[1], dx.shape[2], dy.shape[1], dy.shape[2])
    for t in prange(parts):
        low, high = bound(planes, t, parts, 1), bound(planes, t + 1, parts, 1)
        if dW < 3 and sizes[3] >= MANY:
            for n in range(low, high):
                _backward_plane(dy[n], dx[n], kH, kW, dH, dW, padH, padW, include)
        else:
            dy_flat, dx_flat = dy.reshape(dy.size), dx.reshape(dx.size)
            _backward_rows(dy_flat, dx_flat, sizes, kH, kW, dH, dW, padH, padW, include, low, high)


def _covers(x: Any, y: Any, *sizes: int) -> bool:
    """Whether a single window is just the plane."""
    return y.shape[2:] == (1, 1) and sizes == (*x.shape[:1:-1], 0, 0)


def _planes(x: Any) -> Any:
    return x.reshape(-1, *x.shape[2:])


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
) -> None:
    """``N x C x H x W`` to ``N x C x oH x oW``; ``include``: the divisor counts the border."""
    if _covers(input, output, kW, kH, padW, padH):
        return average_all(input, output, kW * kH)
    sizes = kH, kW, dH, dW, padH, padW
    _forward(_planes(input), _planes(output), *sizes, include, numba.get_num_threads())


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
) -> None:
    """Every gradient is spread evenly over its window."""
    if _covers(gradInput, gradOutput, kW, kH, padW, padH):
        return spread_all(gradOutput, gradInput, kW * kH)
    sizes = kH, kW, dH, dW, padH, padW
    _backward(_planes(gradOutput), _planes(gradInput), *sizes, include, numba.get_num_threads())
