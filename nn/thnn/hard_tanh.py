"""HardTanh: what lies outside an interval is moved to its border. A NaN becomes the upper border unless it is kept."""

from __future__ import annotations

from typing import Any

from numba import prange

from .chunks import each, part_of
from .jit import kernel, parallel


@kernel
def _clamp(x, y, low, high, keepNaN):
    low, high = x.dtype.type(low), x.dtype.type(high)
    if keepNaN:
        for i in range(x.size):
            y[i] = low if x[i] < low else high if x[i] > high else x[i]
    else:
        for i in range(x.size):
            y[i] = low if x[i] < low else x[i] if x[i] <= high else high


@parallel
def _clamp_parallel(x, y, low, high, keepNaN, parts):
    for t in prange(parts):
        _clamp(part_of(x, t, parts), part_of(y, t, parts), low, high, keepNaN)


def HardTanh_updateOutput(input: Any, output: Any, low: float, high: float, keepNaN: bool) -> None:
    """``output = min(max(input, low), high)``"""
    each(_clamp, _clamp_parallel, 0.15, input, output, float(low), float(high), keepNaN)


@kernel
def _gradient(x, dy, dx, low, high):
    low, high, zero = x.dtype.type(low), x.dtype.type(high), x.dtype.type(0)
    for i in range(x.size):
        dx[i] = zero if x[i] <= low or x[i] >= high else dy[i]


@parallel
def _gradient_parallel(x, dy, dx, low, high, parts):
    for t in prange(parts):
        _gradient(part_of(x, t, parts), part_of(dy, t, parts), part_of(dx, t, parts), low, high)


def HardTanh_updateGradInput(input: Any, gradOutput: Any, gradInput: Any, low: float, high: float) -> None:
    """``gradInput = low < input < high ? gradOutput : 0``; a NaN passes its gradient."""
    each(_gradient, _gradient_parallel, 0.2, input, gradOutput, gradInput, float(low), float(high))
