"""PReLU: the negative side has a learned slope, one for all or one a plane; arrays are samples x planes x elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.jit import kernel
from ..cpu.runtime.partition import LAUNCH, flat, ranged, ranged_sum
from ..cpu.simd import registers as simd


@ranged
def _planes(first, last, x, y, weight):
    planes, zero = x.shape[1], x.dtype.type(0)
    for p in range(first, last):
        xs, ys = x[p // planes, p % planes], y[p // planes, p % planes]
        slope = weight[p % planes % weight.size]
        for i in range(xs.size):
            ys[i] = xs[i] if xs[i] > zero else slope * xs[i]


def PReLU_updateOutput(input: Any, output: Any, weight: Any) -> None:
    """``output = input > 0 ? input : weight[plane] * input``"""
    _planes(input.shape[0] * input.shape[1], 0.15 * input.size, input, output, weight)


@ranged
def _planes_gradient(first, last, x, dy, dx, weight):
    planes, zero = x.shape[1], x.dtype.type(0)
    for p in range(first, last):
        xs = x[p // planes, p % planes]
        gs, ds = dy[p // planes, p % planes], dx[p // planes, p % planes]
        slope = weight[p % planes % weight.size]
        for i in range(xs.size):
            ds[i] = gs[i] if xs[i] > zero else slope * gs[i]


def PReLU_updateGradInput(input: Any, gradOutput: Any, gradInput: Any, weight: Any) -> None:
    """``gradInput = input > 0 ? gradOutput : weight[plane] * gradOutput``"""
    _planes_gradient(input.shape[0] * input.shape[1], 0.2 * input.size, input, gradOutput, gradInput, weight)


@kernel
def _products(x, dy):
    """The sum of ``x * dy`` over two vectors where x is not positive."""
    width = simd.lanes(x)
    zero = simd.splat(x, 0)
    sums = zero
    for i in range(0, x.size, width):
        n = min(width, x.size - i)
        v = simd.load_first(x, i, n)
        sums += simd.select(v <= 0, v * simd.load_first(dy, i, n), zero)
    return np.float64(simd.total(sums))


@ranged_sum
def _sum(first, last, x, dy):
    return _products(x[first:last], dy[first:last])


@ranged
def _add(first, last, x, dy, gradWeight, scale):
    for p in range(first, last):
        total = 0.0
        for n in range(len(x)):
            total += _products(x[n, p], dy[n, p])
        gradWeight[p] += scale * total


def PReLU_accGradParameters(input: Any, gradOutput: Any, gradWeight: Any, scale: float) -> None:
    """``gradWeight[plane] += scale * sum of input * gradOutput where input <= 0``"""
    if gradWeight.size == 1:
        x, dy, nanoseconds = flat(input), flat(gradOutput), 0.3 * input.size
        total = _products(x, dy) if nanoseconds < LAUNCH else _sum(x.size, nanoseconds, x, dy, unit=1024)
        gradWeight += scale * total
    else:
        _add(gradWeight.size, 0.3 * input.size, input, gradOutput, gradWeight, float(scale))
