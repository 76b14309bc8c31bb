"""SoftMax, ``y = exp(x - max) / sum exp(x - max)`` over the classes, and its logarithm LogSoftMax.

Arrays are seen as [outer][classes][inner]: the classes are dimension 1 of a vector, dimension 2 of a matrix, and the
channels of one C x H x W image or of a batch of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import simd, vecmath
from .chunks import flat, threads
from .jit import kernel, parallel


def _split(x: np.ndarray) -> tuple[int, int, int]:
    """Sizes before, along and behind the class dimension."""
    if x.ndim < 3:
        return x.size // x.shape[-1], x.shape[-1], 1
    dimension = (x.ndim + 1) % 2
    inner = 1
    for size in x.shape[dimension + 1 :]:
        inner *= size
    return x.shape[0] if dimension else 1, x.shape[dimension], inner


@kernel
def _maximum(x, start, n):
    width = simd.lanes(x)
    best = simd.get(x, start)
    i = start
    if n >= width:
        v = simd.load(x, i)
        for i in range(start + width, start + n - width + 1, width):
            v = simd.maximum(v, simd.load(x, i))
        best = simd.largest(simd.maximum(v, simd.load(x, start + n - width)))
    else:
        for i in range(start + 1, start + n):
            best = max(best, simd.get(x, i))
    return best


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
def _short_rows(x, y, n, first, last, logarithm):
    """Rows that fit into one vector."""
    inside = simd.steps(x, 0) < n
    zero = simd.splat(x, 0)
    for start in range(first * n, last * n, n):
        v = simd.load_first(x, start, n)
        v = simd.select(inside, v, simd.splat(x, simd.get(x, start)))
        v = v - simd.largest(v)
        e = simd.select(inside, vecmath.exp(v), zero)
        total = simd.total(e)
        simd.store_first(y, start, v - vecmath.log(total) if logarithm else e / total, n)


@kernel
def _rows(x, y, n, first, last, logarithm):
    if n <= simd.lanes(x):
        _short_rows(x, y, n, first, last, logarithm)
        return
    for start in range(first * n, last * n, n):
        top = _maximum(x, start, n)
        total = _exponentials(x, y, start, n, top, not logarithm)
        xs, ys = x[start : start + n], y[start : start + n]
        if logarithm:
            shift = top + vecmath.log(total)
            for i in range(n):
                ys[i] = xs[i] - shift
        else:
            for i in range(n):
                ys[i] = ys[i] / total


@kernel
def _slopes(g, v, total, logarithm):
    """The derivative by the input, from gradOutput, output, and what the former sums to."""
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
                simd.store_first(y, i + c * inner, v, m)
                total += v
            shift = vecmath.log(total)
            for c in range(n):
                j = i + c * inner
                if logarithm:
                    simd.store_first(y, j, (simd.load_first(x, j, m) - top) - shift, m)
                else:
                    simd.store_first(y, j, simd.load_first(y, j, m) / total, m)


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


@kernel
def _forward(x, y, n, inner, first, last, logarithm):
    if inner == 1:
        _rows(x, y, n, first, last, logarithm)
    else:
        _planes(x, y, n, inner, first, last, logarithm)


@parallel
def _forward_parallel(x, y, outer, n, inner, logarithm, parts):
    for t in prange(parts):
        _forward(x, y, n, inner, outer * t // parts, outer * (t + 1) // parts, logarithm)


@kernel
def _backward(dy, dx, y, n, inner, first, last, logarithm):
    if inner == 1:
        _rows_gradient(dy, dx, y, n, first, last, logarithm)
    else:
        _planes_gradient(dy, dx, y, n, inner, first, last, logarithm)


@parallel
def _backward_parallel(dy, dx, y, outer, n, inner, logarithm, parts):
    for t in prange(parts):
        _backward(dy, dx, y, n, inner, outer * t // parts, outer * (t + 1) // parts, logarithm)


def _updateOutput(input: Any, output: Any, logarithm: bool) -> None:
    outer, n, inner = _split(input)
    parts = threads(1.0 * input.size)
    if parts == 1:
        _forward(flat(input), flat(output), n, inner, 0, outer, logarithm)
    else:
        _forward_parallel(flat(input), flat(output), outer, n, inner, logarithm, parts)


def _updateGradInput(gradOutput: Any, gradInput: Any, output: Any, logarithm: bool) -> None:
    outer, n, inner = _split(output)
    parts = threads(0.6 * output.size)
    if parts == 1:
        _backward(flat(gradOutput), flat(gradInput), flat(output), n, inner, 0, outer, logarithm)
    else:
        _backward_parallel(flat(gradOutput), flat(gradInput), flat(output), outer, n, inner, logarithm, parts)


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
