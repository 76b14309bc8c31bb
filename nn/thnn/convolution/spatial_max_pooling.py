"""Max pooling of planes with the places of the maxima."""

from __future__ import annotations

from typing import Any

from ..cpu.gemm.transpose import clear
from ..cpu.runtime.jit import inlined, inner
from ..cpu.runtime.partition import ranged, ranged_any
from ..cpu.simd import registers as simd
from .windows import load_step, lowest, windows

#: Nanoseconds of a pixel of a window, of the place of a gradient, and of an element that is cleared.
TAP, PLACE, CLEAR = 0.2, 1.0, 0.05


@inner
def _pool_one(x, width, rows, columns, lowest):
    """Maximum of a window and its place, 1 for the first element of the plane and 0 for none."""
    best, place = lowest, 0
    for a in range(rows[0], rows[1]):
        for i in range(a * width + columns[0], a * width + columns[1]):
            v = simd.get(x, i)
            if v > best:
                best, place = v, i + 1
    return best, place


@inlined
def _larger(v, tap, best, offset):
    """The larger of v and best, and which tap it is from."""
    better = v > best
    return simd.select(better, v, best), simd.select(better, tap, offset)


@inlined
def _larger_pair(x, start, tap, count, best, offset):
    """The same for a tap and the next one, of windows two columns apart: every element is read once."""
    low = simd.load_first(x, start, 2 * count)
    high = simd.load_first(x, start + simd.lanes(x), 2 * count - simd.lanes(x))
    best, offset = _larger(simd.even(low, high), tap, best, offset)
    return _larger(simd.odd(low, high), tap + 1, best, offset)


@inner
def _pool_many(x, y, places, across, rows, columns, lowest):
    """The next outputs of a row, at most a vector, for windows of some rows.

    ``across``: the width of a plane, kW and dW, which is 1 or 2; ``columns``: where the first window begins, and how
    many outputs there are.
    """
    (top, bottom), (left, count), (width, kW, dW) = rows, columns, across
    best, offset = simd.splat(x, lowest), simd.splat(x, -1)
    for a in range(top, bottom):
        start, taps = a * width + left, (a - top) * width
        if dW == 1:
            for b in range(kW):
                best, offset = _larger(simd.load_first(x, start + b, count), taps + b, best, offset)
        else:
            if kW > 1:
                best, offset = _larger_pair(x, start, taps, count, best, offset)
            for b in range(2, kW - 1, 2):
                best, offset = _larger_pair(x, start + b, taps + b, count, best, offset)
            if kW % 2:
                v = load_step(x, start + kW - 1, 2, count)
                best, offset = _larger(v, taps + kW - 1, best, offset)
    simd.store_first(y, 0, best, count)
    place = simd.to_int64(offset)
    place += simd.steps(place, 0) * dW + (top * width + left + 1)
    simd.store_first(places, 0, simd.select(offset < 0, simd.splat(place, 0), place), count)


@inlined
def _pool_row(x, y, places, w, rows, sizes, lowest):
    """A row of outputs, of windows of some rows.

    ``sizes``: columns of the plane, and outputs: all, and from the first to behind the last whose window has no column
    outside.
    """
    width, outputs, whole, end = sizes
    j = 0
    while j < outputs:
        left = j * w.dW - w.padW
        if w.dW < 3 and whole <= j < end:
            count = min(simd.lanes(x), end - j)
            across = width, w.kW, w.dW
            _pool_many(x, simd.at(y, j), simd.at(places, j), across, rows, (left, count), lowest)
            j += count
        else:
            best, place = _pool_one(x, width, rows, (max(left, 0), min(left + w.kW, width)), lowest)
            simd.put(y, j, best)
            simd.put(places, j, place)
            j += 1


@ranged
def _pool(low, high, x, y, places, w, sizes, lowest):
    """Planes of ``sizes[:2]`` to planes of ``sizes[2:]``."""
    height, width, lines, outputs = sizes
    across = width, outputs, (w.padW + w.dW - 1) // w.dW, (width + w.padW - w.kW) // w.dW + 1
    for plane in range(low, high):
        source = simd.at(x, plane * height * width)
        for i in range(lines):
            rows = max(i * w.dH - w.padH, 0), min(i * w.dH - w.padH + w.kH, height)
            at = (plane * lines + i) * outputs
            _pool_row(source, simd.at(y, at), simd.at(places, at), w, rows, across, lowest)


@ranged_any
def _scatter(low, high, dy, dx, places, sizes):
    """How many places lie outside their planes; ``sizes``: elements of a plane of ``dx`` and of ``dy``."""
    size, count = sizes
    outside = 0
    for plane in range(low, high):
        target = simd.at(dx, plane * size)
        clear(target, size)
        for i in range(plane * count, (plane + 1) * count):
            place = simd.get(places, i)
            if 0 < place <= size:
                simd.put(target, place - 1, simd.get(target, place - 1) + simd.get(dy, i))
            elif place != 0:
                outside += 1
    return outside


def SpatialMaxPooling_updateOutput(input: Any, output: Any, indices: Any, geometry: tuple) -> None:
    """``N x C x H x W`` to ``N x C x oH x oW``; ``geometry``: kW, kH, dW, dH, padW, padH.

    A window without a maximum gives the lowest finite number, index 0.
    """
    planes, w = input.shape[0] * input.shape[1], windows(geometry)
    sizes = (*input.shape[2:], *output.shape[2:])
    _pool(planes, TAP * output.size * w.kH * w.kW, input, output, indices, w, sizes, lowest(input.dtype))


def SpatialMaxPooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, geometry: tuple | None = None, gaps: tuple[int, int] = (1, 1)
) -> bool:
    """Every gradient goes to the place its maximum came from; returns whether some place lies outside.

    ``geometry`` and the ``gaps`` between taps, (height, width), tell a GPU which windows may have an element.
    """
    planes = gradInput.shape[0] * gradInput.shape[1]
    sizes = gradInput.shape[2] * gradInput.shape[3], gradOutput.shape[2] * gradOutput.shape[3]
    nanoseconds = PLACE * gradOutput.size + CLEAR * gradInput.size
    return _scatter(planes, nanoseconds, gradOutput, gradInput, indices, sizes)
