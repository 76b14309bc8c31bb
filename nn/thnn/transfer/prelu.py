"""PReLU: the negative side has a learned slope, one for all or one a plane; arrays are samples x planes x elements."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import prange

from ..cpu.runtime.jit import kernel, parallel
from ..cpu.runtime.partition import LAUNCH, SUM_PARTS, each, part_of
from ..cpu.simd import registers as simd
from ..cpu.simd.sums import sequential_sum


@kernel
def _planes(x, y, weight, first, last):
    planes, zero = x.shape[1], x.dtype.type(0)
    for p in range(first, last):
        xs, ys = x[p // planes, p % planes], y[p // planes, p % planes]
        slope = weight[p % planes % weight.size]
        for i in range(xs.size):
            ys[i] = xs[i] if xs[i] > zero else slope * xs[i]


@parallel
def _planes_parallel(x, y, weight, parts):
    count = x.shape[0] * x.shape[1]
    for t in prange(parts):
        _planes(x, y, weight, count * t // parts, count * (t + 1) // parts)


def PReLU_updateOutput(input: Any, output: Any, weight: Any) -> None:
    """``output = input > 0 ? input : weight[plane] * input``"""
    if 0.15 * input.size < LAUNCH:
        _planes(input, output, weight, 0, input.shape[0] * input.shape[1])
    else:
        _planes_parallel(input, output, weight, numba.get_num_threads())


@kernel
def _planes_gradient(x, dy, dx, weight, first, last):
    planes, zero = x.shape[1], x.dtype.type(0)
    for p in range(first, last):
        xs = x[p // planes, p % planes]
        gs, ds = dy[p // planes, p % planes], dx[p // planes, p % planes]
        slope = weight[p % planes % weight.size]
        for i in range(xs.size):
            ds[i] = gs[i] if xs[i] > zero else slope * gs[i]


@parallel
def _planes_gradient_parallel(x, dy, dx, weight, parts):
    count = x.shape[0] * x.shape[1]
    for t in prange(parts):
        _planes_gradient(x, dy, dx, weight, count * t // parts, count * (t + 1) // parts)


def PReLU_updateGradInput(input: Any, gradOutput: Any, gradInput: Any, weight: Any) -> None:
    """``gradInput = input > 0 ? gradOutput : weight[plane] * gradOutput``"""
    if 0.2 * input.size < LAUNCH:
        _planes_gradient(input, gradOutput, gradInput, weight, 0, input.shape[0] * input.shape[1])
    else:
        _planes_gradient_parallel(input, gradOutput, gradInput, weight, numba.get_num_threads())


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


@parallel
def _products_parallel(x, dy, parts):
    sums = np.empty(SUM_PARTS)
    for t in prange(parts):
        for k in range(SUM_PARTS * t // parts, SUM_PARTS * (t + 1) // parts):
            sums[k] = _products(part_of(x, k, SUM_PARTS), part_of(dy, k, SUM_PARTS))
    return sequential_sum(sums)


@kernel
def _add(x, dy, gradWeight, scale, first, last):
    for p in range(first, last):
        total = 0.0
        for n in range(len(x)):
            total += _products(x[n, p], dy[n, p])
        gradWeight[p] += scale * total


@parallel
def _add_parallel(x, dy, gradWeight, scale, parts):
    planes = gradWeight.size
    for t in prange(parts):
        _add(x, dy, gradWeight, scale, planes * t // parts, planes * (t + 1) // parts)


def PReLU_accGradParameters(input: Any, gradOutput: Any, gradWeight: Any, scale: float) -> None:
    """``gradWeight[plane] += scale * sum of input * gradOutput where input <= 0``"""
    if gradWeight.size == 1:
        gradWeight += scale * each(_products, _products_parallel, 0.3, input, gradOutput)
    elif 0.3 * input.size < LAUNCH:
        _add(input, gradOutput, gradWeight, float(scale), 0, gradWeight.size)
    else:
        _add_parallel(input, gradOutput, gradWeight, float(scale), numba.get_num_threads())
