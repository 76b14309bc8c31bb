"""ELU: the negative side bends to -alpha."""

from __future__ import annotations

from typing import Any

from numba import prange

from . import vecmath
from .chunks import each, part_of
from .jit import kernel, parallel


@kernel
def _elu(x, y, alpha):
    alpha, zero = x.dtype.type(alpha), x.dtype.type(0)
    for i in range(x.size):
        y[i] = x[i] if x[i] > zero else alpha * vecmath.expm1(x[i])


@parallel
def _elu_parallel(x, y, alpha, parts):
    for t in prange(parts):
        _elu(part_of(x, t, parts), part_of(y, t, parts), alpha)


def ELU_updateOutput(input: Any, output: Any, alpha: float) -> None:
    """``output = input > 0 ? input : alpha * (exp(input) - 1)``"""
    each(_elu, _elu_parallel, 0.5, input, output, float(alpha))


@kernel
def _gradient(y, dy, dx, alpha):
    alpha, zero = y.dtype.type(alpha), y.dtype.type(0)
    for i in range(y.size):
        dx[i] = dy[i] * (y[i] + alpha) if y[i] <= zero else dy[i]


@parallel
def _gradient_parallel(y, dy, dx, alpha, parts):
    for t in prange(parts):
        _gradient(part_of(y, t, parts), part_of(dy, t, parts), part_of(dx, t, parts), alpha)


def ELU_updateGradInput(output: Any, gradOutput: Any, gradInput: Any, alpha: float) -> None:
    """``gradInput = gradOutput * (output <= 0 ? output + alpha : 1)``"""
    each(_gradient, _gradient_parallel, 0.2, output, gradOutput, gradInput, float(alpha))
