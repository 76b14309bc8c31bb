"""HardShrink: the interval -l..l becomes 0."""

from __future__ import annotations

from typing import Any

from numba import prange

from .chunks import each, part_of
from .jit import kernel, parallel


@kernel
def _shrink(x, y, lambda_):
    limit, zero = x.dtype.type(lambda_), x.dtype.type(0)
    for i in range(x.size):
        y[i] = x[i] if x[i] > limit or x[i] < -limit else zero


@parallel
def _shrink_parallel(x, y, lambda_, parts):
    for t in prange(parts):
        _shrink(part_of(x, t, parts), part_of(y, t, parts), lambda_)


def HardShrink_updateOutput(input: Any, output: Any, lambda_: float) -> None:
    """``output = abs(input) > lambda ? input : 0``"""
    each(_shrink, _shrink_parallel, 0.15, input, output, float(lambda_))


@kernel
def _gradient(x, dy, dx, lambda_):
    limit, zero = x.dtype.type(lambda_), x.dtype.type(0)
    for i in range(x.size):
        dx[i] = dy[i] if x[i] > limit or x[i] < -limit else zero


@parallel
def _gradient_parallel(x, dy, dx, lambda_, parts):
    for t in prange(parts):
        _gradient(part_of(x, t, parts), part_of(dy, t, parts), part_of(dx, t, parts), lambda_)


def HardShrink_updateGradInput(input: Any, gradOutput: Any, gradInput: Any, lambda_: float) -> None:
    """``gradInput = abs(input) > lambda ? gradOutput : 0``"""
    each(_gradient, _gradient_parallel, 0.2, input, gradOutput, gradInput, float(lambda_))
