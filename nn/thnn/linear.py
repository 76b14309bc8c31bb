"""Linear: ``y = W x + b`` for a vector x or for the rows of a matrix.

A matrix goes through :mod:`gemm`. For one vector W is read once, as it lies: its rows times x forward, a sum of its
rows backward.
"""

from __future__ import annotations

from typing import Any

from numba import get_num_threads

from . import simd
from .chunks import bound
from .gemm import gemm
from .jit import inner, kernel
from .team import team, unpack

#: A weight of up to so many elements is multiplied with a vector by the caller alone.
ALONE = 160_000


@inner
def dot(x, row, n):
    """x . row"""
    width = simd.lanes(x)
    even, odd = simd.splat(x, 0), simd.splat(x, 0)
    i = 0
    while i + 2 * width <= n:
        even = simd.fma(simd.load(row, i), simd.load(x, i), even)
        odd = simd.fma(simd.load(row, i + width), simd.load(x, i + width), odd)
        i += 2 * width
    while i < n:
        even = simd.fma(simd.load_first(row, i, n - i), simd.load_first(x, i, n - i), even)
        i += width
    return simd.total(even + odd)


@inner
def _rows_times(x, n, weight, bias, has_bias, y, first, last):
    """y[o] = weight[o] . x + bias[o]"""
    for o in range(first, last):
        total = dot(x, simd.at(weight, o * n), n)
        simd.put(y, o, total + simd.get(bias, o) if has_bias else total)


@inner
def _sum_of_rows(g, m, weight, n, dx, first, last):
    """dx[i] = sum over o of g[o] weight[o][i], for i from first to last"""
    width = simd.lanes(g)
    for i in range(first, last, 4 * width):
        if i + 4 * width <= last:
            a, b, c, d = simd.splat(g, 0), simd.splat(g, 0), simd.splat(g, 0), simd.splat(g, 0)
            for o in range(m):
                row, s = simd.at(weight, o * n + i), simd.splat(g, simd.get(g, o))
                a = simd.fma(simd.load(row, 0), s, a)
                b = simd.fma(simd.load(row, width), s, b)
                c = simd.fma(simd.load(row, 2 * width), s, c)
                d = simd.fma(simd.load(row, 3 * width), s, d)
            simd.store(dx, i, a)
            simd.store(dx, i + width, b)
            simd.store(dx, i + 2 * width, c)
            simd.store(dx, i + 3 * width, d)
        else:
            for j in range(i, last, width):
                a = simd.splat(g, 0)
                for o in range(m):
                    a = simd.fma(simd.load_first(weight, o * n + j, last - j), simd.get(g, o), a)
                simd.store_first(dx, j, a, last - j)


@inner
def _add_outer(x, n, g, dweight, dbias, has_bias, scale, first, last):
    """dweight[o] += scale g[o] x, dbias[o] += scale g[o]"""
    width = simd.lanes(x)
    for o in range(first, last):
        s = simd.splat(x, simd.get(g, o)) * scale
        row = simd.at(dweight, o * n)
        whole = n - n % width
        for i in range(0, whole, width):
            simd.store(row, i, simd.fma(simd.load(x, i), s, simd.load(row, i)))
        if whole < n:
            v = simd.fma(simd.load_first(x, whole, n - whole), s, simd.load_first(row, whole, n - whole))
            simd.store_first(row, whole, v, n - whole)
        if has_bias:
            simd.put(dbias, o, simd.get(dbias, o) + simd.get(g, o) * scale)


@kernel
def _forward(x, weight, bias, y):
    _rows_times(simd.at(x, 0), x.size, simd.at(weight, 0), simd.at(bias, 0), True, simd.at(y, 0), 0, y.size)


@kernel
def _forward_no_bias(x, weight, y):
    _rows_times(simd.at(x, 0), x.size, simd.at(weight, 0), simd.at(x, 0), False, simd.at(y, 0), 0, y.size)


@kernel
def _backward(g, weight, dx):
    _sum_of_rows(simd.at(g, 0), g.size, simd.at(weight, 0), dx.size, simd.at(dx, 0), 0, dx.size)


@kernel
def _accumulate(x, g, dweight, dbias, scale):
    _add_outer(
        simd.at(x, 0), x.size, simd.at(g, 0), simd.at(dweight, 0), simd.at(dbias, 0), True, scale, 0, g.size
    )  # fmt: skip


@kernel
def _accumulate_no_bias(x, g, dweight, scale):
    _add_outer(simd.at(x, 0), x.size, simd.at(g, 0), simd.at(dweight, 0), simd.at(x, 0), False, scale, 0, g.size)


@team
def _forward_team(frame, like, part, parts):
    x, n, weight, bias, has_bias, y, m = unpack(frame, like, "pippipi")
    _rows_times(x, n, weight, bias, has_bias != 0, y, bound(m, part, parts, 1), bound(m, part + 1, parts, 1))


@team
def _backward_team(frame, like, part, parts):
    g, m, weight, n, dx = unpack(frame, like, "pipip")
    _sum_of_rows(g, m, weight, n, dx, bound(n, part, parts, 64), bound(n, part + 1, parts, 64))


@team
def _accumulate_team(frame, like, part, parts):
    x, n, g, m, dweight, dbias, has_bias, scale = unpack(frame, like, "pipippif")
    first, last = bound(m, part, parts, 1), bound(m, part + 1, parts, 1)
    _add_outer(x, n, g, dweight, dbias, has_bias != 0, scale, first, last)


@kernel
def _add_columns(g, scale, dbias):
    """dbias += scale * sum of the rows of g"""
    rows, n = g.shape
    width = simd.lanes(g)
    for j in range(0, n, width):
        total = simd.splat(g, 0)
        for i in range(rows):
            total += simd.load_first(g, i * n + j, n - j)
        simd.store_first(dbias, j, simd.fma(total, scale, simd.load_first(dbias, j, n - j)), n - j)


def Linear_updateOutput(input: Any, output: Any, weight: Any, bias: Any) -> None:
    if input.ndim != 1:
        gemm(output, input, weight, False, True, 1.0, 0.0, bias)
    elif weight.size > ALONE:
        has_bias, row = bias is not None, output if bias is None else bias
        _forward_team(input, get_num_threads(), input, input.size, weight, row, has_bias, output, output.size)
    elif bias is None:
        _forward_no_bias(input, weight, output)
    else:
        _forward(input, weight, bias, output)


def Linear_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any) -> None:
    if gradOutput.ndim != 1:
        gemm(gradInput, gradOutput, weight)
    elif weight.size > ALONE:
        _backward_team(gradOutput, get_num_threads(), gradOutput, gradOutput.size, weight, gradInput.size, gradInput)
    else:
        _backward(gradOutput, weight, gradInput)


def Linear_accGradParameters(input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, scale: float) -> None:
    """Add the gradients, times ``scale``, to ``gradWeight`` and ``gradBias`` (which may be None)."""
    scale = float(scale)
    if input.ndim != 1:
        gemm(gradWeight, gradOutput, input, True, False, scale, 1.0)
        if gradBias is not None:
            _add_columns(gradOutput, scale, gradBias)
    elif gradWeight.size > ALONE:
        has_bias, row = gradBias is not None, gradWeight if gradBias is None else gradBias
        _accumulate_team(
            input,
            get_num_threads(),
            input,
            input.size,
            gradOutput,
            gradOutput.size,
            gradWeight,
            row,
            has_bias,
            scale,
        )
    elif gradBias is None:
        _accumulate_no_bias(input, gradOutput, gradWeight, scale)
    else:
        _accumulate(input, gradOutput, gradWeight, gradBias, scale)
