"""Max pooling of planes with the places of the maxima."""

from __future__ import annotations

from typing import Any

from numba.core import types
from numba.extending import intrinsic

from ..cpu.gemm.transpose import clear
from ..cpu.runtime.jit import compact, inlined, inner
from ..cpu.runtime.partition import ranged, ranged_any
from ..cpu.simd import llvm
from ..cpu.simd import registers as simd
from ..cpu.simd.vector import Vector, as_value, pointer
from .windows import EXACT, LONG, load_step, lowest, windows

#: Nanoseconds of a pixel of a window, of the place of a gradient, and of an element that is cleared.
TAP, PLACE, CLEAR = 0.2, 1.0, 0.05
#: The geometry of windows of 2 x 2 side by side.
SQUARES = (2, 2, 2, 2, 0, 0)


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


@inlined
def _put_maxima(y, places, best, offset, first, count):
    """Maxima and their places, from their offsets in windows; ``first``: steps between windows, where the first is."""
    simd.store_first(y, 0, best, count)
    place = simd.to_integers(places, offset)
    place += simd.steps(place, 0) * first[0] + first[1]
    simd.store_first(places, 0, simd.select(offset < 0, simd.splat(place, 0), place), count)


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
    _put_maxima(y, places, best, offset, (dW, top * width + left + 1), count)


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
    begin, end = (w.padW + w.dW - 1) // w.dW, (width + w.padW - w.kW) // w.dW + 1
    across = width, outputs, begin, end if w.kH * width < EXACT else begin
    for plane in range(low, high):
        source = simd.at(x, plane * height * width)
        for i in range(lines):
            rows = max(i * w.dH - w.padH, 0), min(i * w.dH - w.padH + w.kH, height)
            at = (plane * lines + i) * outputs
            _pool_row(source, simd.at(y, at), simd.at(places, at), w, rows, across, lowest)


@ranged
def _pool_squares(low, high, x, y, places, sizes, lowest):
    """The same for windows of 2 x 2 side by side."""
    height, width, lines, outputs = sizes
    for plane in range(low, high):
        source = simd.at(x, plane * height * width)
        for i in range(lines):
            at, top = (plane * lines + i) * outputs, 2 * i * width
            for j in range(0, outputs, simd.lanes(x)):
                count, start = min(simd.lanes(x), outputs - j), top + 2 * j
                best, offset = simd.splat(x, lowest), simd.splat(x, -1)
                best, offset = _larger_pair(source, start, 0, count, best, offset)
                best, offset = _larger_pair(source, start + width, width, count, best, offset)
                _put_maxima(simd.at(y, at + j), simd.at(places, at + j), best, offset, (2, start + 1), count)


@inner
def _scatter_plane(dy, dx, places, size, count):
    """How many places of a plane lie outside it."""
    outside = 0
    clear(dx, size)
    for i in range(count):
        place = simd.get(places, i)
        if 0 < place <= size:
            simd.put(dx, place - 1, simd.get(dx, place - 1) + simd.get(dy, i))
        elif place != 0:
            outside += 1
    return outside


@intrinsic
def _first_places(typing, places, index, count, like):
    """The first ``count`` of as many places as ``like``, a vector, has lanes; zeros in the others."""
    vector = Vector(places.dtype, like.lanes)

    def generate(context, builder, sig, args):
        return llvm.load_first(builder, pointer(context, builder, places, *args[:2]), like.lanes, args[2]).ir

    return vector(places, types.int64, types.int64, like), generate


@intrinsic
def _equal(typing, places, number):
    """Where the places are a number."""

    def generate(context, builder, sig, args):
        other = as_value(context, builder, args[1], types.int64, places)
        return builder.icmp_signed("==", args[0], other.ir)

    return Vector(types.boolean, places.lanes)(places, types.int64), generate


@inner
def _only(places, number, g):
    """g where the places are a number, and 1 there, for counting."""
    where, zero = _equal(places, number), simd.splat(g, 0)
    return simd.select(where, g, zero), simd.select(where, simd.splat(g, 1), zero)


@inner
def _spread_squares(dy, dx, places, sizes):
    """The same for windows of 2 x 2 side by side: whether every place was in its window.

    ``sizes``: height and width of the plane, and of its outputs.
    """
    height, width, lines, outputs = sizes
    if 2 * lines < height or 2 * outputs < width:
        clear(dx, height * width)
    lanes, found = simd.lanes(dy), simd.splat(dy, 0)
    for i in range(lines):
        for j in range(0, outputs, lanes):
            count, at = min(lanes, outputs - j), 2 * i * width + 2 * j
            g = simd.load_first(dy, i * outputs + j, count)
            place = _first_places(places, i * outputs + j, count, g)
            tap = place - simd.steps(place, 0) * 2 - (at + 1)
            a, in_a = _only(tap, 0, g)
            b, in_b = _only(tap, 1, g)
            c, in_c = _only(tap, width, g)
            d, in_d = _only(tap, width + 1, g)
            found += (in_a + in_b) + (in_c + in_d)
            for row, left, right in ((0, a, b), (width, c, d)):
                simd.store_first(dx, at + row, simd.zip_low(left, right), 2 * count)
                simd.store_first(dx, at + row + lanes, simd.zip_high(left, right), 2 * count - lanes)
    return simd.total(found) == lines * outputs


@ranged_any
@compact
def _scatter(low, high, dy, dx, places, sizes, squares):
    """How many places lie outside their planes; ``squares``: whether windows are 2 x 2, side by side and inside."""
    height, width, lines, outputs = sizes
    size, count = height * width, lines * outputs
    outside = 0
    for plane in range(low, high):
        g, target, own = simd.at(dy, plane * count), simd.at(dx, plane * size), simd.at(places, plane * count)
        if not squares or not _spread_squares(g, target, own, sizes):
            outside += _scatter_plane(g, target, own, size, count)
    return outside


def _are_squares(geometry: tuple | None, sizes: tuple[int, int, int, int]) -> bool:
    """Whether windows are 2 x 2, side by side and inside; ``sizes``: of the plane, and of its outputs."""
    inside = 2 * sizes[2] <= sizes[0] and 2 * sizes[3] <= sizes[1]
    return inside and geometry is not None and tuple(geometry) == SQUARES


def SpatialMaxPooling_updateOutput(input: Any, output: Any, indices: Any, geometry: tuple) -> None:
    """``N x C x H x W`` to ``N x C x oH x oW``; ``geometry``: kW, kH, dW, dH, padW, padH.

    A window without a maximum gives the lowest finite number, index 0.
    """
    planes, w = input.shape[0] * input.shape[1], windows(geometry)
    sizes = (*input.shape[2:], *output.shape[2:])
    if _are_squares(geometry, sizes) and 2 * sizes[1] < EXACT:
        _pool_squares(planes, 4 * TAP * output.size, input, output, indices, sizes, lowest(input.dtype))
        return
    _pool(planes, TAP * output.size * w.kH * w.kW, input, output, indices, w, sizes, lowest(input.dtype))


def SpatialMaxPooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, geometry: tuple | None = None, gaps: tuple[int, int] = (1, 1)
) -> bool:
    """Every gradient goes to the place its maximum came from; returns whether some place lies outside.

    ``geometry`` and the ``gaps`` between taps, (height, width), tell a GPU which windows may have an element.
    """
    planes, sizes = gradInput.shape[0] * gradInput.shape[1], (*gradInput.shape[2:], *gradOutput.shape[2:])
    squares = gaps == (1, 1) and _are_squares(geometry, sizes) and sizes[0] * sizes[1] < LONG
    squares = squares and gradInput.itemsize == 4  # a vector of doubles costs more than its elements do
    nanoseconds = PLACE * gradOutput.size + CLEAR * gradInput.size
    return _scatter(planes, nanoseconds, gradOutput, gradInput, indices, sizes, squares)
