"""Launches of prelu.cu."""

from __future__ import annotations

from math import prod
from typing import Any

from ..cuda.runtime import blocks, kernels
from ..cuda.workspace import take

_launch = kernels(__name__)
#: Blocks for the gradient of the slopes, and elements of a block, at least.
BLOCKS, SHARE = 512, 2048


def _map(x: Any, values: Any, result: Any, weight: Any) -> None:
    sizes = x.shape[1], weight.size, prod(x.shape[2:])
    _launch.each("prelu", x.size, x, x, values, result, weight, x.size, *sizes)


def PReLU_updateOutput(input: Any, output: Any, weight: Any) -> None:
    _map(input, input, output, weight)


def PReLU_updateGradInput(input: Any, gradOutput: Any, gradInput: Any, weight: Any) -> None:
    _map(input, gradOutput, gradInput, weight)


def PReLU_accGradParameters(input: Any, gradOutput: Any, gradWeight: Any, scale: float) -> None:
    if not input.size:
        return
    slopes = gradWeight.size
    count, size = input.size // slopes, input.size if slopes == 1 else prod(input.shape[2:])
    shares = max(1, min(BLOCKS // slopes, count // SHARE))
    parts = take("slopes", input.dtype, shares, slopes) if shares > 1 else None
    arrays = input, gradOutput, parts, gradWeight
    _launch("prelu_weight<T>", input.dtype, (slopes, shares), 256, *arrays, count, slopes, size, shares, scale)
    if shares > 1:
        _launch("prelu_sums<T>", input.dtype, blocks(slopes, 8), 256, parts, gradWeight, slopes, shares, scale)
