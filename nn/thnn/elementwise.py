"""Functions applied to every element: Tanh and Sigmoid."""

from __future__ import annotations

from typing import Any

from numba import prange

from . import vecmath
from .chunks import each, part_of
from .jit import kernel, parallel


@kernel
def _tanh(x, y):
    for i in range(x.size):
        y[i] = vecmath.tanh(x[i])


@parallel
def _tanh_parallel(x, y, parts):
    for t in prange(parts):
        _tanh(part_of(x, t, parts), part_of(y, t, parts))


def Tanh_updateOutput(input: Any, output: Any) -> None:
    """``output = tanh(input)``"""
    each(_tanh, _tanh_parallel, 0.5, input, output)


@kernel
def _tanh_gradient(dy, dx, y):
    one = y.dtype.type(1)
    for i in range(y.size):
        dx[i] = dy[i] * (one - y[i] * y[i])


@parallel
def _tanh_gradient_parallel(dy, dx, y, parts):
    for t in prange(parts):
        _tanh_gradient(part_of(dy, t, parts), part_of(dx, t, parts), part_of(y, t, parts))


def Tanh_updateGradInput(gradOutput: Any, gradInput: Any, output: Any) -> None:
    """``gradInput = gradOutput * (1 - output^2)``"""
    each(_tanh_gradient, _tanh_gradient_parallel, 0.2, gradOutput, gradInput, output)


@kernel
def _sigmoid(x, y):
    for i in range(x.size):
        y[i] = vecmath.sigmoid(x[i])


@parallel
def _sigmoid_parallel(x, y, parts):
    for t in prange(parts):
        _sigmoid(part_of(x, t, parts), part_of(y, t, parts))


def Sigmoid_updateOutput(input: Any, output: Any) -> None:
    """``output = 1 / (1 + exp(-input))``"""
    each(_sigmoid, _sigmoid_parallel, 0.5, input, output)


@kernel
def _sigmoid_gradient(dy, dx, y):
    one = y.dtype.type(1)
    for i in range(y.size):
        dx[i] = dy[i] * (one - y[i]) * y[i]


@parallel
def _sigmoid_gradient_parallel(dy, dx, y, parts):
    for t in prange(parts):
        _sigmoid_gradient(part_of(dy, t, parts), part_of(dx, t, parts), part_of(y, t, parts))


def Sigmoid_updateGradInput(gradOutput: Any, gradInput: Any, output: Any) -> None:
    """``gradInput = gradOutput * (1 - output) * output``"""
    each(_sigmoid_gradient, _sigmoid_gradient_parallel, 0.2, gradOutput, gradInput, output)
