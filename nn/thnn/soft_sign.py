"""SoftSign, x / (1 + |x|)."""

from __future__ import annotations

from typing import Any

from numba import prange

from .chunks import each, part_of
from .jit import kernel, parallel


@kernel
def _soft_sign(x, y):
    one = x.dtype.type(1)
    for i in range(x.size):
        y[i] = x[i] / (one + abs(x[i]))


@parallel
def _soft_sign_parallel(x, y, parts):
    for t in prange(parts):
        _soft_sign(part_of(x, t, parts), part_of(y, t, parts))


def SoftSign_updateOutput(input: Any, output: Any) -> None:
    """``output = input / (1 + abs(input))``"""
    each(_soft_sign, _soft_sign_parallel, 0.2, input, output)


@kernel
def _gradient(x, dy, dx):
    one = x.dtype.type(1)
    for i in range(x.size):
        d = one + abs(x[i])
        dx[i] = dy[i] / (d * d)


@parallel
def _gradient_parallel(x, dy, dx, parts):
    for t in prange(parts):
        _gradient(part_of(x, t, parts), part_of(dy, t, parts), part_of(dx, t, parts))


def SoftSign_updateGradInput(input: Any, gradOutput: Any, gradInput: Any) -> None:
    """``gradInput = gradOutput / (1 + abs(input))^2``"""
    each(_gradient, _gradient_parallel, 0.25, input, gradOutput, gradInput)
