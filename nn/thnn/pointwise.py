"""Exp, Log, Sqrt, Square and Abs of every element, and their gradients."""

from __future__ import annotations

import math
from typing import Any

from numba import prange

from . import vecmath
from .chunks import each, part_of
from .jit import kernel, parallel


@kernel
def _exp(x, y):
    for i in range(x.size):
        y[i] = vecmath.exp(x[i])


@parallel
def _exp_parallel(x, y, parts):
    for t in prange(parts):
        _exp(part_of(x, t, parts), part_of(y, t, parts))


def Exp_updateOutput(input: Any, output: Any) -> None:
    """``output = exp(input)``"""
    each(_exp, _exp_parallel, 0.5, input, output)


@kernel
def _product(dy, y, dx):
    for i in range(dx.size):
        dx[i] = dy[i] * y[i]


@parallel
def _product_parallel(dy, y, dx, parts):
    for t in prange(parts):
        _product(part_of(dy, t, parts), part_of(y, t, parts), part_of(dx, t, parts))


def Exp_updateGradInput(gradOutput: Any, output: Any, gradInput: Any) -> None:
    """``gradInput = gradOutput * output``"""
    each(_product, _product_parallel, 0.2, gradOutput, output, gradInput)


@kernel
def _log(x, y):
    for i in range(x.size):
        y[i] = vecmath.log(x[i])


@parallel
def _log_parallel(x, y, parts):
    for t in prange(parts):
        _log(part_of(x, t, parts), part_of(y, t, parts))


def Log_updateOutput(input: Any, output: Any) -> None:
    """``output = ln(input)``"""
    each(_log, _log_parallel, 0.6, input, output)


@kernel
def _quotient(dy, x, dx):
    for i in range(dx.size):
        dx[i] = dy[i] / x[i]


@parallel
def _quotient_parallel(dy, x, dx, parts):
    for t in prange(parts):
        _quotient(part_of(dy, t, parts), part_of(x, t, parts), part_of(dx, t, parts))


def Log_updateGradInput(gradOutput: Any, input: Any, gradInput: Any) -> None:
    """``gradInput = gradOutput / input``"""
    each(_quotient, _quotient_parallel, 0.3, gradOutput, input, gradInput)


@kernel
def _sqrt(x, y):
    for i in range(x.size):
        y[i] = math.sqrt(x[i])


@parallel
def _sqrt_parallel(x, y, parts):
    for t in prange(parts):
        _sqrt(part_of(x, t, parts), part_of(y, t, parts))


def Sqrt_updateOutput(input: Any, output: Any) -> None:
    """``output = sqrt(input)``"""
    each(_sqrt, _sqrt_parallel, 0.3, input, output)


@kernel
def _sqrt_gradient(dy, y, dx):
    half, zero = dx.dtype.type(0.5), dx.dtype.type(0)
    for i in range(dx.size):
        dx[i] = zero if y[i] == zero else half * dy[i] / y[i]


@parallel
def _sqrt_gradient_parallel(dy, y, dx, parts):
    for t in prange(parts):
        _sqrt_gradient(part_of(dy, t, parts), part_of(y, t, parts), part_of(dx, t, parts))


def Sqrt_updateGradInput(gradOutput: Any, output: Any, gradInput: Any) -> None:
    """``gradInput = gradOutput / (2 output)``, and 0 where output is 0"""
    each(_sqrt_gradient, _sqrt_gradient_parallel, 0.3, gradOutput, output, gradInput)


@kernel
def _square(x, y):
    for i in range(x.size):
        y[i] = x[i] * x[i]


@parallel
def _square_parallel(x, y, parts):
    for t in prange(parts):
        _square(part_of(x, t, parts), part_of(y, t, parts))


def Square_updateOutput(input: Any, output: Any) -> None:
    """``output = input^2``"""
    each(_square, _square_parallel, 0.15, input, output)


@kernel
def _square_gradient(dy, x, dx):
    two = dx.dtype.type(2)
    for i in range(dx.size):
        dx[i] = two * dy[i] * x[i]


@parallel
def _square_gradient_parallel(dy, x, dx, parts):
    for t in prange(parts):
        _square_gradient(part_of(dy, t, parts), part_of(x, t, parts), part_of(dx, t, parts))


def Square_updateGradInput(gradOutput: Any, input: Any, gradInput: Any) -> None:
    """``gradInput = 2 gradOutput * input``"""
    each(_square_gradient, _square_gradient_parallel, 0.2, gradOutput, input, gradInput)


@kernel
def _abs(x, y):
    for i in range(x.size):
        y[i] = abs(x[i])


@parallel
def _abs_parallel(x, y, parts):
    for t in prange(parts):
        _abs(part_of(x, t, parts), part_of(y, t, parts))


def Abs_updateOutput(input: Any, output: Any) -> None:
    """``output = |input|``"""
    each(_abs, _abs_parallel, 0.15, input, output)


@kernel
def _abs_gradient(dy, x, dx):
    for i in range(dx.size):
        dx[i] = dy[i] if x[i] >= 0 else -dy[i]


@parallel
def _abs_gradient_parallel(dy, x, dx, parts):
    for t in prange(parts):
        _abs_gradient(part_of(dy, t, parts), part_of(x, t, parts), part_of(dx, t, parts))


def Abs_updateGradInput(gradOutput: Any, input: Any, gradInput: Any) -> None:
    """``gradInput = gradOutput`` where ``input >= 0``, else ``-gradOutput``"""
    each(_abs_gradient, _abs_gradient_parallel, 0.2, gradOutput, input, gradInput)
