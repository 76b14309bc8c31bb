"""Average pooling of planes."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inlined, inner, instance, kernel
from ..cpu.runtime.partition import ranged
from ..cpu.simd import registers as simd
from .box_sums import add_to_columns, add_to_rows, average_all, row_like, spread_all, sum_columns, sum_rows
from .windows import Windows, windows

#: From how many windows in a row on vectors of windows pay.
MANY = 8
#: Nanoseconds of one pixel of a window.
TAP = 0.2

#: What :func:`_over_windows` does with many windows of a row, and with one; every instance has its own.
many = one = None


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


@inlined
def _add_pair(x, i, count, both, total):
    """Add a tap of windows two columns apart, and with ``both`` the next one, which lies between them in memory."""
    m, lanes = 2 * count - 1 + both, simd.lanes(x)
    low, high = simd.load_first(x, i, m), simd.load_first(x, i + lanes, m - lanes)
    total += simd.even(low, high)
    if both:
        total += simd.odd(low, high)
    return total


@inner
def _sum_many(x, y, w, rows, columns, divisor):
    """The next outputs of a row, at most a vector, for windows of some rows.

    ``columns``: where the first window begins, and how many outputs there are; dW is 1 or 2.
    """
    (top, bottom), (left, count) = rows, columns
    width, kW, dW = x.shape[1], w.kW, w.dW
    total = simd.splat(x, 0)
    for i in range(top * width + left, bottom * width + left, width):
        if dW == 1:
            for j in range(i, i + kW):
                total += simd.load_first(x, j, count)
        else:
            for j in range(0, kW, 2):
                total = _add_pair(x, i + j, count, j + 1 < kW, total)
    simd.store_first(y, 0, total / divisor, count)


@inlined
def _spread_pair(dx, i, share, next_share, m):
    """Add to ``m`` elements each share and the next tap's in turn."""
    low, high, lanes = simd.zip_low(share, next_share), simd.zip_high(share, next_share), simd.lanes(dx)
    simd.store_first(dx, i, simd.load_first(dx, i, m) + low, m)
    simd.store_first(dx, i + lanes, simd.load_first(dx, i + lanes, m - lanes) + high, m - lanes)


@inner
def _spread_many(dx, dy, w, rows, columns, divisor):
    """The transpose of :func:`_sum_many`: add each gradient's share to its window."""
    (top, bottom), (left, count), width, kW, dW = rows, columns, dx.shape[1], w.kW, w.dW
    share, zero = simd.load_first(dy, 0, count) / divisor, simd.splat(dx, 0)
    for i in range(top * width + left, bottom * width + left, width):
        if dW == 1:
            for j in range(i, i + kW):
                simd.store_first(dx, j, simd.load_first(dx, j, count) + share, count)
        else:
            for j in range(0, kW, 2):
                both = j + 1 < kW
                _spread_pair(dx, i + j, share, share if both else zero, 2 * count - 1 + both)


@inner
def _whole(width, w):
    """The first output whose window has no column outside, and the first one after these."""
    return (w.padW + w.dW - 1) // w.dW, (width + w.padW - w.kW) // w.dW + 1 if w.dW < 3 else 0


@inner
def _sum_one(x, y, i, j, rows, columns, divisor):
    """Output i, j: the mean of its window."""
    total = x.dtype.type(0)
    for a in range(rows[0], rows[1]):
        for b in range(columns[0], columns[1]):
            total += x[a, b]
    y[i, j] = total / x.dtype.type(divisor)


@inner
def _spread_one(dx, dy, i, j, rows, columns, divisor):
    """The transpose of :func:`_sum_one`."""
    share = dy[i, j] / dx.dtype.type(divisor)
    for a in range(rows[0], rows[1]):
        for b in range(columns[0], columns[1]):
            dx[a, b] += share


def _over_windows(inside, outside, w, include):
    """All windows of the plane ``inside``, each with its element of the plane ``outside``."""
    lanes, width = simd.lanes(inside), inside.shape[1]
    begin, end = _whole(width, w)
    for i in range(outside.shape[0]):
        extentH, top, bottom = _window(i, w.kH, w.dH, w.padH, inside.shape[0])
        j = 0
        while j < outside.shape[1]:
            extentW, left, right = _window(j, w.kW, w.dW, w.padW, width)
            divisor = _divisor(extentH, extentW, bottom - top, right - left, include)
            if begin <= j < end:
                count = min(lanes, end - j)
                row = simd.at(outside, i * outside.shape[1] + j)
                many(inside, row, w, (top, bottom), (left, count), divisor)
                j += count
            else:
                one(inside, outside, i, j, (top, bottom), (left, right), divisor)
                j += 1


_sum_plane = kernel(instance(_over_windows, _sum_one.py_func, {"many": _sum_many, "one": _sum_one}))
_spread_plane = kernel(instance(_over_windows, _spread_one.py_func, {"many": _spread_many, "one": _spread_one}))


@inner
def _forward_rows(low, high, x, y, sizes, w, include):
    """Planes ``low`` to ``high`` of flat arrays; sizes: height and width of planes, then of outputs"""
    height, width, outH, outW = sizes
    row = row_like(x, width)
    for job in range(low * outH, high * outH):
        plane = job // outH
        extentH, top, bottom = _window(job - plane * outH, w.kH, w.dH, w.padH, height)
        sum_rows(x, (plane, plane + 1), height, (top, bottom), width, row)
        for j in range(outW):
            extentW, left, right = _window(j, w.kW, w.dW, w.padW, width)
            divisor = _divisor(extentH, extentW, bottom - top, right - left, include)
            y[job * outW + j] = sum_columns(row, left, right) / x.dtype.type(divisor)


@inner
def _backward_rows(low, high, dy, dx, sizes, w, include):
    height, width, outH, outW = sizes
    row, written = row_like(dx, width), low * height
    for job in range(low * outH, high * outH):
        plane = job // outH
        extentH, top, bottom = _window(job - plane * outH, w.kH, w.dH, w.padH, height)
        row[:] = 0
        for j in range(outW):
            extentW, left, right = _window(j, w.kW, w.dW, w.padW, width)
            divisor = _divisor(extentH, extentW, bottom - top, right - left, include)
            add_to_columns(dy[job * outW + j] / dx.dtype.type(divisor), row, left, right)
        first = plane * height + min(top, bottom)
        dx[written * width : first * width] = 0
        written = max(written, first)
        add_to_rows(row, dx, (plane, plane + 1), height, (top, bottom), width, written)
        written = max(written, plane * height + bottom)
    dx[written * width : high * height * width] = 0


@ranged
def _forward(low, high, x, y, w, include):
    sizes = x.shape[1], x.shape[2], y.shape[1], y.shape[2]
    if w.dW < 3 and sizes[3] >= MANY:
        for n in range(low, high):
            _sum_plane(x[n], y[n], w, include)
    else:
        _forward_rows(low, high, x.reshape(x.size), y.reshape(y.size), sizes, w, include)


@ranged
def _backward(low, high, dy, dx, w, include):
    sizes = dx.shape[1], dx.shape[2], dy.shape[1], dy.shape[2]
    if w.dW < 3 and sizes[3] >= MANY:
        for n in range(low, high):
            dx[n] = 0
            _spread_plane(dx[n], dy[n], w, include)
    else:
        _backward_rows(low, high, dy.reshape(dy.size), dx.reshape(dx.size), sizes, w, include)


def _covers(x: Any, y: Any, w: Windows) -> bool:
    """Whether a single window is just the plane."""
    return y.shape[2:] == (1, 1) and (w.kH, w.kW, w.padH, w.padW) == (*x.shape[2:], 0, 0)


def _planes(x: Any) -> Any:
    return x.reshape(-1, *x.shape[2:])


def SpatialAveragePooling_updateOutput(input: Any, output: Any, geometry: tuple, include: bool) -> None:
    """``N x C x H x W`` to ``N x C x oH x oW``; ``geometry``: kW, kH, dW, dH, padW, padH.

    ``include``: the divisor counts the border.
    """
    w = windows(geometry)
    if _covers(input, output, w):
        average_all(input, output, w.kW * w.kH)
    else:
        x, y = _planes(input), _planes(output)
        _forward(len(x), TAP * output.size * w.kH * w.kW, x, y, w, include)


def SpatialAveragePooling_updateGradInput(gradOutput: Any, gradInput: Any, geometry: tuple, include: bool) -> None:
    """Every gradient is spread evenly over its window."""
    w = windows(geometry)
    if _covers(gradInput, gradOutput, w):
        spread_all(gradOutput, gradInput, w.kW * w.kH)
    else:
        dy, dx = _planes(gradOutput), _planes(gradInput)
        _backward(len(dx), TAP * gradOutput.size * w.kH * w.kW, dy, dx, w, include)
