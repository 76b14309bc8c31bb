"""SoftMax, ``y = exp(x - max) / sum exp(x - max)`` over the classes, and its logarithm LogSoftMax.

Arrays are seen as [outer][classes][inner]: the classes are dimension 1 of a vector, dimension 2 of a matrix, and the
channels of one C x H x W image or of a batch of them. Columns with others between their classes are copied to scratch
memory, a block of neighbours at a time: the classes lie far apart, often in one set of the caches.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.isa import lanes_of
from ..cpu.runtime.jit import inlined, inner
from ..cpu.runtime.partition import ranged
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd

#: Columns that are normalised together: four vectors of float32, two lines of the cache more than one access brings.
BLOCK = 64
#: Columns whose gradients are made together, row by row: what is read a second time is still in the caches.
TURNS = 1024
#: Of more classes the block takes too much of the caches.
MANY = 1024
#: Elements of rows that are read again before they leave the first cache.
NEAR = 4096


def _split(x: np.ndarray) -> tuple[int, int, int]:
    """Sizes before, along and behind the class dimension."""
    if x.ndim == 2:
        return *x.shape, 1
    if x.ndim == 1:
        return 1, x.size, 1
    dimension = (x.ndim + 1) % 2
    inner = 1
    for size in x.shape[dimension + 1 :]:
        inner *= size
    return x.shape[0] if dimension else 1, x.shape[dimension], inner


@inner
def _maximum(x, start, n):
    """The largest of n elements, more than a vector; four at a time, as none of them then waits for another."""
    width = simd.lanes(x)
    last = start + n - width
    rest = last - (n - width) % (4 * width)
    a = b = c = d = simd.load(x, last)
    for i in range(start, rest, 4 * width):
        a = simd.maximum(a, simd.load(x, i))
        b = simd.maximum(b, simd.load(x, i + width))
        c = simd.maximum(c, simd.load(x, i + 2 * width))
        d = simd.maximum(d, simd.load(x, i + 3 * width))
    for i in range(rest, last, width):
        a = simd.maximum(a, simd.load(x, i))
    return simd.largest(simd.maximum(simd.maximum(a, b), simd.maximum(c, d)))


@inner
def _exponentials(x, y, start, n, top, keep):
    """The sum of exp(x - top), which are kept in y if asked."""
    width = simd.lanes(x)
    rest = n % width
    sums = simd.splat(x, 0)
    for i in range(start, start + n - rest, width):
        v = vecmath.exp(simd.load(x, i) - top)
        if keep:
            simd.store(y, i, v)
        sums += v
    if rest:
        i = start + n - rest
        v = vecmath.exp(simd.load_first(x, i, rest) - top)
        if keep:
            simd.store_first(y, i, v, rest)
        sums += simd.select(simd.steps(x, 0) < rest, v, simd.splat(x, 0))
    return simd.total(sums)


@inner
def _short_row(x, start, n, inside):
    """exp(x - top) in the first n lanes and 0 in the others, its sum, and top."""
    v = simd.load_first(x, start, n)
    top = simd.largest(simd.select(inside, v, simd.splat(x, simd.get(x, start))))
    e = simd.select(inside, vecmath.exp(v - top), simd.splat(x, 0))
    return e, simd.total(e), top


@ranged
def _short_rows(first, last, x, y, n):
    """SoftMax of rows that fit into one vector."""
    inside = simd.steps(x, 0) < n
    for start in range(first * n, last * n, n):
        e, total, _ = _short_row(x, start, n, inside)
        simd.store_first(y, start, e / total, n)


@ranged
def _short_rows_logarithm(first, last, x, y, n):
    """LogSoftMax of rows that fit into one vector: the logarithms of as many rows at once."""
    width = simd.lanes(x)
    inside = simd.steps(x, 0) < n
    tops, totals = np.empty(width, x.dtype), np.empty(width, x.dtype)
    for row in range(first, last, width):
        rows = min(width, last - row)
        for r in range(rows):
            _, total, top = _short_row(x, (row + r) * n, n, inside)
            simd.put(totals, r, total)
            simd.put(tops, r, top)
        simd.store(totals, 0, vecmath.log(simd.load(totals, 0)))
        for r in range(rows):
            start = (row + r) * n
            v = simd.load_first(x, start, n) - simd.get(tops, r)
            simd.store_first(y, start, v - simd.get(totals, r), n)


@ranged
def _rows(first, last, x, y, n):
    """SoftMax of longer rows."""
    for start in range(first * n, last * n, n):
        total = _exponentials(x, y, start, n, _maximum(x, start, n), True)
        ys = y[start : start + n]
        for i in range(n):
            ys[i] = ys[i] / total


@ranged
def _rows_logarithm(first, last, x, y, n):
    """LogSoftMax of longer rows: the logarithms of as many rows at once as the first cache holds."""
    width = simd.lanes(x)
    rest, together = n % width, max(1, min(width, NEAR // n))
    tops, totals = np.empty(width, x.dtype), np.ones(width, x.dtype)
    for row in range(first, last, together):
        rows = min(together, last - row)
        for r in range(rows):
            start = (row + r) * n
            top = _maximum(x, start, n)
            simd.put(totals, r, _exponentials(x, y, start, n, top, False))
            simd.put(tops, r, top)
        simd.store(totals, 0, vecmath.log(simd.load(totals, 0)))
        for r in range(rows):
            start, top, shift = (row + r) * n, simd.get(tops, r), simd.get(totals, r)
            end = start + n - rest
            for i in range(start, end, width):
                simd.store(y, i, (simd.load(x, i) - top) - shift)
            simd.store_first(y, end, (simd.load_first(x, end, rest) - top) - shift, rest)


@inner
def _slopes(g, v, total, logarithm):
    """The derivative with respect to the input, from gradOutput, output, and what the former sums to."""
    return g - vecmath.exp(v) * total if logarithm else v * (g - total)


@ranged
def _rows_gradient(first, last, dy, dx, y, n, logarithm):
    width = simd.lanes(y)
    one = simd.splat(y, 1)
    rest = n % width
    for start in range(first * n, last * n, n):
        end = start + n - rest
        sums = simd.splat(y, 0)
        for i in range(start, end, width):
            sums += simd.load(dy, i) * (one if logarithm else simd.load(y, i))
        g, v = simd.load_first(dy, end, rest), simd.load_first(y, end, rest)
        total = simd.total(sums + g * (one if logarithm else v))
        for i in range(start, end, width):
            simd.store(dx, i, _slopes(simd.load(dy, i), simd.load(y, i), total, logarithm))
        simd.store_first(dx, end, _slopes(g, v, total, logarithm), rest)


@inlined
def _gathered(x, scratch, place, start, n, inner, m, wide):
    """Copy ``m`` columns of ``n`` classes to the scratch memory, from ``place`` on; its rows are ``wide``."""
    for c in range(n):
        at, to = start + c * inner, place + c * wide
        for i in range(0, m, simd.lanes(x)):
            simd.store_first(scratch, to + i, simd.load_first(x, at + i, m - i), m - i)


@inlined
def _column_shares(scratch, i, end, wide, logarithm):
    """A vector of columns in the scratch memory becomes its SoftMax, or the logarithm of it."""
    top, total = simd.load(scratch, i), simd.splat(scratch, 0)
    for j in range(i + wide, end, wide):
        top = simd.maximum(top, simd.load(scratch, j))
    for j in range(i, end, wide):
        v = vecmath.exp(simd.load(scratch, j) - top)
        if not logarithm:
            simd.store(scratch, j, v)
        total += v
    shift = vecmath.log(total)
    for j in range(i, end, wide):
        v = simd.load(scratch, j)
        simd.store(scratch, j, (v - top) - shift if logarithm else v / total)


@inlined
def _add_row(dy, y, at, totals, m, logarithm):
    """Add to the totals of ``m`` columns what one class gives."""
    for i in range(0, m, simd.lanes(y)):
        g = simd.load_first(dy, at + i, m - i)
        v = g if logarithm else g * simd.load_first(y, at + i, m - i)
        simd.store(totals, i, simd.load(totals, i) + v)


@inlined
def _slopes_of_row(dy, dx, y, at, totals, m, logarithm):
    for i in range(0, m, simd.lanes(y)):
        g, v = simd.load_first(dy, at + i, m - i), simd.load_first(y, at + i, m - i)
        simd.store_first(dx, at + i, _slopes(g, v, simd.load(totals, i), logarithm), m - i)


@inlined
def _spread_out(scratch, y, start, n, inner, m, wide):
    for c in range(n):
        at = start + c * inner
        for i in range(0, m, simd.lanes(y)):
            simd.store_first(y, at + i, simd.load(scratch, c * wide + i), m - i)


@ranged
def _planes(first, last, x, y, n, inner, wide, logarithm):
    """Blocks of columns ``first`` to ``last``; ``inner`` columns of each outer index are cut into blocks."""
    blocks, scratch = (inner + wide - 1) // wide, np.empty(n * wide, x.dtype)
    for block in range(first, last):
        base, column = block // blocks * n * inner, block % blocks * wide
        m = min(wide, inner - column)
        _gathered(x, scratch, 0, base + column, n, inner, m, wide)
        for i in range(0, m, simd.lanes(x)):
            _column_shares(scratch, i, i + n * wide, wide, logarithm)
        _spread_out(scratch, y, base + column, n, inner, m, wide)


@ranged
def _planes_gradient(first, last, arrays, n, inner, wide, logarithm):
    """Blocks of columns in two turns over their classes."""
    dy, dx, y = arrays
    blocks, totals = (inner + wide - 1) // wide, np.empty(wide + simd.lanes(y), y.dtype)
    for block in range(first, last):
        column = block % blocks * wide
        base, m = block // blocks * n * inner + column, min(wide, inner - column)
        totals[:] = 0
        for c in range(n):
            _add_row(dy, y, base + c * inner, totals, m, logarithm)
        for c in range(n):
            _slopes_of_row(dy, dx, y, base + c * inner, totals, m, logarithm)


def _blocks(outer: int, n: int, inner: int) -> tuple[int, int]:
    """How many blocks of columns there are, and how wide they are."""
    wide = BLOCK if n <= MANY else BLOCK // 4
    return outer * -(-inner // wide), wide


#: Elements of a vector, by their bytes.
LANES = {size: lanes_of(size) for size in (4, 8)}
#: For rows that fit into one vector, and for longer ones; each is compiled when it is wanted.
_OF_ROWS, _OF_ROWS_LOGARITHM = (_short_rows, _rows), (_short_rows_logarithm, _rows_logarithm)


def _updateOutput(input: Any, output: Any, logarithm: bool) -> None:
    outer, n, inner = _split(input)
    x, y, work = input.ravel(), output.ravel(), 0.5 * input.size
    if inner == 1:
        short, long = _OF_ROWS_LOGARITHM if logarithm else _OF_ROWS
        (short if n <= LANES[x.itemsize] else long)(outer, work, x, y, n)
    else:
        blocks, wide = _blocks(outer, n, inner)
        _planes(blocks, work, x, y, n, inner, wide, logarithm)


def _updateGradInput(gradOutput: Any, gradInput: Any, output: Any, logarithm: bool) -> None:
    outer, n, inner = _split(output)
    arrays = gradOutput.ravel(), gradInput.ravel(), output.ravel()
    if inner == 1:
        _rows_gradient(outer, 0.3 * output.size, *arrays, n, logarithm)
    else:
        blocks = outer * -(-inner // TURNS)
        _planes_gradient(blocks, 0.3 * output.size, arrays, n, inner, TURNS, logarithm)


def SoftMax_updateOutput(input: Any, output: Any) -> None:
    _updateOutput(input, output, False)


def SoftMax_updateGradInput(gradOutput: Any, gradInput: Any, output: Any) -> None:
    """``gradInput = output * (gradOutput - sum(gradOutput * output))``"""
    _updateGradInput(gradOutput, gradInput, output, False)


def LogSoftMax_updateOutput(input: Any, output: Any) -> None:
    _updateOutput(input, output, True)


def LogSoftMax_updateGradInput(gradOutput: Any, gradInput: Any, output: Any) -> None:
    """``gradInput = gradOutput - exp(output) * sum(gradOutput)``"""
    _updateGradInput(gradOutput, gradInput, output, True)
