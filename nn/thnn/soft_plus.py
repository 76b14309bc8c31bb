"""SoftPlus, log(1 + exp(beta x)) / beta, and x itself where beta x exceeds a threshold."""

from __future__ import annotations

from typing import Any

from numba import prange

from . import vecmath
from .chunks import each, part_of
from .jit import kernel, parallel


@kernel
def _soft_plus(x, y, beta, threshold):
    beta, threshold = x.dtype.type(beta), x.dtype.type(threshold)
    for i in range(x.size):
        z = x[i] * beta
        y[i] = x[i] if z > threshold else vecmath.softplus(z) / beta


@parallel
def _soft_plus_parallel(x, y, beta, threshold, parts):
    for t in prange(parts):
        _soft_plus(part_of(x, t, parts), part_of(y, t, parts), beta, threshold)


def SoftPlus_updateOutput(input: Any, output: Any, beta: float, threshold: float) -> None:
    """``output = log(1 + exp(beta * input)) / beta``"""
    each(_soft_plus, _soft_plus_parallel, 1.0, input, output, float(beta), float(threshold))


@kernel
def _gradient(y, dy, dx, beta, threshold):
    beta, threshold = y.dtype.type(beta), y.dtype.type(threshold)
    for i in range(y.size):
        z = y[i] * beta
        dx[i] = dy[i] if z > threshold else dy[i] * -vecmath.expm1(-z)


@parallel
def _gradient_parallel(y, dy, dx, beta, threshold, parts):
    for t in prange(parts):
        _gradient(part_of(y, t, parts), part_of(dy, t, parts), part_of(dx, t, parts), beta, threshold)


def SoftPlus_updateGradInput(output: Any, gradOutput: Any, gradInput: Any, beta: float, threshold: float) -> None:
    """``gradInput = gradOutput * (1 - exp(-beta * output))``"""
    each(_gradient, _gradient_parallel, 0.5, output, gradOutput, gradInput, float(beta), float(threshold))
