"""LeakyReLU: the negative side has a slope."""

from __future__ import annotations

from typing import Any

from numba import prange

from .chunks import each, part_of
from .jit import kernel, parallel


@kernel
def _leaky(x, y, slope):
    slope, zero = x.dtype.type(slope), x.dtype.type(0)
    for i in range(x.size):
        y[i] = x[i] if x[i] > zero else slope * x[i]


@parallel
def _leaky_parallel(x, y, slope, parts):
    for t in prange(parts):
        _leaky(part_of(x, t, parts), part_of(y, t, parts), slope)


def LeakyReLU_updateOutput(input: Any, output: Any, slope: float) -> None:
    """``output = input > 0 ? input : slope * input``"""
    each(_leaky, _leaky_parallel, 0.15, input, output, float(slope))


@kernel
def _gradient(x, dy, dx, slope):
    slope, zero = x.dtype.type(slope), x.dtype.type(0)
    for i in range(x.size):
        dx[i] = dy[i] if x[i] > zero else slope * dy[i]


@parallel
def _gradient_parallel(x, dy, dx, slope, parts):
    for t in prange(parts):
        _gradient(part_of(x, t, parts), part_of(dy, t, parts), part_of(dx, t, parts), slope)


def LeakyReLU_updateGradInput(input: Any, gradOutput: Any, gradInput: Any, slope: float) -> None:
    """``gradInput = input > 0 ? gradOutput : slope * gradOutput``"""
    each(_gradient, _gradient_parallel, 0.2, input, gradOutput, gradInput, float(slope))
