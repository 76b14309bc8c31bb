"""SoftMax, ``y = exp(x - max) / sum exp(x - max)`` over the classes, and its logarithm LogSoftMax.

Arrays are seen as [outer][classes][inner]: the classes are dimension 1 of a vector, dimension 2 of a matrix, and the
channels of one C x H x W image or of a batch of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.jit import kernel
from ..cpu.runtime.partition import ranged
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd


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


@kernel
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


@kernel
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


@kernel
def _short_rows(x, y, n, first, last):
    """SoftMax of rows that fit into one vector."""
    inside = simd.steps(x, 0) < n
    for start in range(first * n, last * n, n):
        e, total, _ = _short_row(x, start, n, inside)
        simd.store_first(y, start, e / total, n)


@kernel
def _short_row(x, start, n, inside):
    """exp(x - top) in the first n lanes and 0 in the others, its sum, and top."""
    v = simd.load_first(x, start, n)
    top = simd.largest(simd.select(inside, v, simd.splat(x, simd.get(x, start))))
    e = simd.select(inside, vecmath.exp(v - top), simd.splat(x, 0))
    return e, simd.total(e), top


@kernel
def _short_rows_logarithm(x, y, n, first, last):
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


@kernel
def _rows(x, y, n, first, last, logarithm):
    if n <= simd.lanes(x):
        if logarithm:
            _short_rows_logarithm(x, y, n, first, last)
        else:
            _short_rows(x, y, n, first, last)
        return
    for start in range(first * n, last * n, n):
        top = _maximum(x, start, n)
        xs, ys = x[start : start + n], y[start : start + n]
        if logarithm:
            shift = vecmath.log(_exponentials(x, y, start, n, top, False))
            for i in range(n):
                ys[i] = xs[i] - top - shift
        else:
            total = _exponentials(x, y, start, n, top, True)
            for i in range(n):
                ys[i] = ys[i] / total


@kernel
def _slopes(g, v, total, logarithm):
    """The derivative with respect to the input, from gradOutput, output, and what the former sums to."""
    return g - vecmath.exp(v) * total if logarithm else v * (g - total)


@kernel
def _rows_gradient(dy, dx, y, n, first, last, logarithm):
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


@kernel
def _planes(x, y, n, inner, first, last, logarithm):
    width = simd.lanes(x)
    for base in range(first * n * inner, last * n * inner, n * inner):
        for i in range(base, base + inner, width):
            m = min(width, base + inner - i)
            top = simd.load_first(x, i, m)
            for c in range(1, n):
                top = simd.maximum(top, simd.load_first(x, i + c * inner, m))
            total = simd.splat(x, 0)
            for c in range(n):
                v = vecmath.exp(simd.load_first(x, i + c * inner, m) - top)
                # The input of a logarithm may lie in its output.
                simd.store_first(y, i + c * inner, v, 0 if logarithm else m)
                total += v
            shift = vecmath.log(total)
            for c in range(n):
                j = i + c * inner
                v = simd.load_first(x if logarithm else y, j, m)
                simd.store_first(y, j, (v - top) - shift if logarithm else v / total, m)


@kernel
def _planes_gradient(dy, dx, y, n, inner, first, last, logarithm):
    width = simd.lanes(y)
    for base in range(first * n * inner, last * n * inner, n * inner):
        for i in range(base, base + inner, width):
            m = min(width, base + inner - i)
            total = simd.splat(y, 0)
            for j in range(i, i + n * inner, inner):
                g = simd.load_first(dy, j, m)
                total += g if logarithm else g * simd.load_first(y, j, m)
            for j in range(i, i + n * inner, inner):
                g, v = simd.load_first(dy, j, m), simd.load_first(y, j, m)
                d = g - vecmath.exp(v) * total if logarithm else v * (g - total)
                simd.store_first(dx, j, d, m)


@ranged
def _forward(first, last, x, y, n, inner, logarithm):
    if inner == 1:
        _rows(x, y, n, first, last, logarithm)
    else:
        _planes(x, y, n, inner, first, last, logarithm)


@ranged
def _backward(first, last, dy, dx, y, n, inner, logarithm):
    if inner == 1:
        _rows_gradient(dy, dx, y, n, first, last, logarithm)
    else:
        _planes_gradient(dy, dx, y, n, inner, first, last, logarithm)


def _updateOutput(input: Any, output: Any, logarithm: bool) -> None:
    outer, n, inner = _split(input)
    _forward(outer, 0.5 * input.size, input.ravel(), output.ravel(), n, inner, logarithm)


def _updateGradInput(gradOutput: Any, gradInput: Any, output: Any, logarithm: bool) -> None:
    outer, n, inner = _split(output)
    arrays = gradOutput.ravel(), gradInput.ravel(), output.ravel()
    _backward(outer, 0.3 * output.size, *arrays, n, inner, logarithm)


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
