"""LogSigmoid, log(1 / (1 + exp(-x))), without overflow."""

from __future__ import annotations

from typing import Any

from numba import prange

from . import vecmath
from .chunks import each, part_of
from .jit import kernel, parallel


@kernel
def _log_sigmoid(x, y):
    for i in range(x.size):
        y[i] = -vecmath.softplus(-x[i])


@parallel
def _log_sigmoid_parallel(x, y, parts):
    for t in prange(parts):
        _log_sigmoid(part_of(x, t, parts), part_of(y, t, parts))


def LogSigmoid_updateOutput(input: Any, output: Any) -> None:
    """``output = -log(1 + exp(-input))``"""
    each(_log_sigmoid, _log_sigmoid_parallel, 1.0, input, output)


@kernel
def _gradient(x, dy, dx):
    for i in range(x.size):
        dx[i] = dy[i] * vecmath.sigmoid(-x[i])


@parallel
def _gradient_parallel(x, dy, dx, parts):
    for t in prange(parts):
        _gradient(part_of(x, t, parts), part_of(dy, t, parts), part_of(dx, t, parts))


def LogSigmoid_updateGradInput(input: Any, gradOutput: Any, gradInput: Any) -> None:
    """``gradInput = gradOutput / (1 + exp(input))``"""
    each(_gradient, _gradient_parallel, 0.5, input, gradOutput, gradInput)
