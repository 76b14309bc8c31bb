"""Windows of planes as rows of a matrix (im2col), and the rows added up to planes, which is the gradient (col2im).

A row is a place of the window in one plane, in all windows: the plane, moved by the place and without what lies
outside.
"""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inlined
from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd
from .axes_gather import add_run, copy_run, fill_row


@inlined
def _inside(start, n, count, stride):
    """The first and the last (exclusive) of ``count`` windows of which a place, ``start`` in the first, is inside."""
    first = min(count, max(0, (stride - 1 - start) // stride))
    return first, max(first, min(count, (n - start + stride - 1) // stride))


@inlined
def _copy_row(x, source, y, at, count, stride):
    if stride == 1:
        copy_run(x, source, y, at, count)
    else:
        for j in range(count):
            simd.put(y, at + j, simd.get(x, source + j * stride))


@ranged
def _gather(low, high, x, y, sizes, window, counts):
    """Rows ``low`` to ``high`` of the matrix; window: sizes, dilation, padding, stride."""
    (h, w), (kernel, dilation, padding, stride), (rows, columns) = sizes, window, counts
    x_, y_ = simd.at(x, 0), simd.at(y, 0)
    for r in range(low, high):
        plane, a, b = r // (kernel[0] * kernel[1]), r // kernel[1] % kernel[0], r % kernel[1]
        left = b * dilation[1] - padding[1]
        first, last = _inside(left, w, columns, stride[1])
        for i in range(rows):
            row, at = i * stride[0] + a * dilation[0] - padding[0], (r * rows + i) * columns
            there = first < last and 0 <= row < h
            fill_row(y_, at, first if there else columns, 0.0)
            if there:
                source = (plane * h + row) * w + left + first * stride[1]
                _copy_row(x_, source, y_, at + first, last - first, stride[1])
                fill_row(y_, at + last, columns - last, 0.0)


@inlined
def _add_row(dy, at, dx, target, count, stride):
    if stride == 1:
        add_run(dy, at, dx, target, count)
    else:
        for j in range(count):
            place = target + j * stride
            simd.put(dx, place, simd.get(dx, place) + simd.get(dy, at + j))


@ranged
def _scatter(low, high, dy, dx, sizes, window, counts):
    """Planes ``low`` to ``high``."""
    (h, w), (kernel, dilation, padding, stride), (rows, columns) = sizes, window, counts
    dy_, dx_, taps = simd.at(dy, 0), simd.at(dx, 0), kernel[0] * kernel[1]
    dx[low * h * w : high * h * w] = 0
    for r in range(low * taps, high * taps):
        plane, a, b = r // taps, r // kernel[1] % kernel[0], r % kernel[1]
        left = b * dilation[1] - padding[1]
        first, last = _inside(left, w, columns, stride[1])
        top = a * dilation[0] - padding[0]
        begin, end = _inside(top, h, rows, stride[0])
        for i in range(begin, end if first < last else begin):
            target = (plane * h + i * stride[0] + top) * w + left + first * stride[1]
            _add_row(dy_, (r * rows + i) * columns + first, dx_, target, last - first, stride[1])


def Unfold_updateOutput(input: Any, output: Any, sizes: tuple, window: tuple, counts: tuple) -> None:
    """Planes to rows; pairs: ``sizes`` of a plane, ``window`` (kernel, dilation, padding, stride), ``counts`` of it."""
    rows = output.size // (counts[0] * counts[1])
    _gather(rows, 0.3 * output.size, flat(input), flat(output), sizes, window, counts)


def Unfold_updateGradInput(gradOutput: Any, gradInput: Any, sizes: tuple, window: tuple, counts: tuple) -> None:
    """Rows added up to planes."""
    planes = gradInput.size // (sizes[0] * sizes[1])
    _scatter(planes, 0.3 * gradOutput.size, flat(gradOutput), flat(gradInput), sizes, window, counts)
