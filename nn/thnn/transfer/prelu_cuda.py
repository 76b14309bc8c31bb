"""Launches of prelu.cu."""

from __future__ import annotations

from math import prod
from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def _map(x: Any, values: Any, result: Any, weight: Any) -> None:
    sizes = x.shape[1], weight.size, prod(x.shape[2:])
    _launch.each("prelu", x.size, x, x, values, result, weight, x.size, *sizes)


def PReLU_updateOutput(input: Any, output: Any, weight: Any) -> None:
    _map(input, input, output, weight)


def PReLU_updateGradInput(input: Any, gradOutput: Any, gradInput: Any, weight: Any) -> None:
    _map(input, gradOutput, gradInput, weight)


def PReLU_accGradParameters(input: Any, gradOutput: Any, gradWeight: Any, scale: float) -> None:
    if input.size:
        sizes = len(input), input.shape[1], gradWeight.size, prod(input.shape[2:])
        grid = (gradWeight.size,)
        _launch("prelu_weight<T>", input.dtype, grid, 256, input, gradOutput, gradWeight, *sizes, scale)
