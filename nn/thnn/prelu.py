"""PReLU: the negative side has a learned slope, one for all or one a plane; arrays are samples x planes x elements."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import prange

from .chunks import LAUNCH
from .jit import kernel, parallel


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
def _slope_gradient(x, dy, plane):
    """The sum of ``input * gradOutput`` over one plane of all samples where the input is not positive."""
    total = 0.0
    for n in range(len(x)):
        xs, gs = x[n, plane], dy[n, plane]
        for i in range(xs.size):
            if xs[i] <= 0:
                total += xs[i] * gs[i]
    return total


@parallel
def _slope_gradients(x, dy, totals, parts):
    planes = totals.size
    for t in prange(parts):
        for p in range(planes * t // parts, planes * (t + 1) // parts):
            totals[p] = _slope_gradient(x, dy, p)


@kernel
def _add(gradWeight, totals, scale):
    for p in range(totals.size):
        gradWeight[p % gradWeight.size] += scale * totals[p]


def PReLU_accGradParameters(input: Any, gradOutput: Any, gradWeight: Any, scale: float) -> None:
    """``gradWeight[plane] += scale * sum of input * gradOutput where input <= 0``"""
    totals = np.empty(input.shape[1])
    parts = 1 if input.size < LAUNCH else numba.get_num_threads()
    _slope_gradients(input, gradOutput, totals, parts)
    _add(gradWeight, totals, float(scale))
