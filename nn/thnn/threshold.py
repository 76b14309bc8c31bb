"""Threshold: what does not exceed a threshold is replaced by a value; so is a NaN, unless working in place."""

from __future__ import annotations

from typing import Any

from numba import prange

from .chunks import each, part_of
from .jit import kernel, parallel


@kernel
def _threshold(x, y, threshold, value, inplace):
    threshold, value = x.dtype.type(threshold), x.dtype.type(value)
    if inplace:
        for i in range(x.size):
            y[i] = value if x[i] <= threshold else x[i]
    else:
        for i in range(x.size):
            y[i] = x[i] if x[i] > threshold else value


@parallel
def _threshold_parallel(x, y, threshold, value, inplace, parts):
    for t in prange(parts):
        _threshold(part_of(x, t, parts), part_of(y, t, parts), threshold, value, inplace)


def Threshold_updateOutput(input: Any, output: Any, threshold: float, value: float, inplace: bool) -> None:
    """``output = input > threshold ? input : value``"""
    each(_threshold, _threshold_parallel, 0.15, input, output, float(threshold), float(value), inplace)


@kernel
def _gradient(x, dy, dx, threshold, inplace):
    threshold, zero = x.dtype.type(threshold), x.dtype.type(0)
    if inplace:
        for i in range(x.size):
            dx[i] = zero if x[i] <= threshold else dy[i]
    else:
        for i in range(x.size):
            dx[i] = dy[i] if x[i] > threshold else zero


@parallel
def _gradient_parallel(x, dy, dx, threshold, inplace, parts):
    for t in prange(parts):
        _gradient(part_of(x, t, parts), part_of(dy, t, parts), part_of(dx, t, parts), threshold, inplace)


def Threshold_updateGradInput(input: Any, gradOutput: Any, gradInput: Any, threshold: float, inplace: bool) -> None:
    """``gradInput = input > threshold ? gradOutput : 0``"""
    each(_gradient, _gradient_parallel, 0.2, input, gradOutput, gradInput, float(threshold), inplace)
