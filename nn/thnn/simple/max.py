"""Max and Min along one dimension of arrays seen as [outer][n][inner]: the first extremum, or the first NaN, wins."""

from __future__ import annotations

from math import prod
from typing import Any

from ..cpu.runtime.jit import inner, kernel
from ..cpu.runtime.partition import ranged
from ..cpu.simd import registers as simd


@inner
def _first_of_row(row, sign):
    """The 0-based place of the first extremum of a row, or of its first NaN."""
    width = simd.lanes(row)
    best, strange = simd.splat(row, row[0] * sign), simd.splat(row, 0)
    whole = row.size - row.size % width
    for i in range(0, whole, width):
        v = simd.load(row, i) * sign
        best = simd.maximum(v, best)
        strange += v - v
    top, unclear = simd.largest(best), simd.total(strange)
    for i in range(whole, row.size):
        top = max(top, row[i] * sign)
        unclear += row[i] - row[i]
    if unclear == 0:
        for i in range(row.size):
            if row[i] * sign == top:
                return i
    return _first_among_infinities(row, sign)


@inner
def _first_among_infinities(row, sign):
    """The same, for rows that may hold infinities and NaN."""
    best = 0
    for i in range(row.size):
        if row[i] != row[i]:
            return i
        if row[i] * sign > row[best] * sign:
            best = i
    return best


@inner
def _take_better(row, k, best, where, sign):
    """Row number ``k`` against the best ones so far."""
    for i in range(best.size):
        v, b = row[i], best[i]
        if sign * v > sign * b or (v != v and b == b):
            best[i] = v
            where[i] = k + 1


@ranged
def _extrema(low, high, x, y, places, sign):
    for o in range(low, high):
        xs, best, where = x[o], y[o], places[o]
        if best.size == 1:
            k = _first_of_row(xs[:, 0], sign)
            best[0], where[0] = xs[k, 0], k + 1
            continue
        best[:] = xs[0]
        where[:] = 1
        for k in range(1, xs.shape[0]):
            _take_better(xs[k], k, best, where, sign)


@kernel
def _scatter(dy, dx, places):
    """False, and some of it done, where a place is not in dx."""
    for o in range(dx.shape[0]):
        for i in range(dx.shape[2]):
            k = places[o, i] - 1
            if k < 0 or k >= dx.shape[1]:
                return False
            dx[o, k, i] = dy[o, i]
    return True


def Max_updateOutput(input: Any, output: Any, indices: Any, axis: int, sign: int) -> None:
    """The maximum (``sign`` 1) or minimum (-1) along ``axis``, and its 1-based position."""
    outer, n, inner = prod(input.shape[:axis]), input.shape[axis], prod(input.shape[axis + 1 :])
    x, y, places = input.reshape(outer, n, inner), output.reshape(outer, inner), indices.reshape(outer, inner)
    _extrema(outer, 1.0 * input.size, x, y, places, input.dtype.type(sign))


def Max_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any, axis: int) -> bool:
    """Zeros, and the gradients at the positions of the winners; False if these are of another input."""
    outer, n, inner = prod(gradInput.shape[:axis]), gradInput.shape[axis], prod(gradInput.shape[axis + 1 :])
    gradInput.fill(0)
    return _scatter(gradOutput.reshape(outer, inner), gradInput.reshape(outer, n, inner), indices.reshape(outer, inner))
