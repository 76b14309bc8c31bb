"""Launches of temporal_row_convolution.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def _sizes(large: Any, small: Any, weight: Any, dW: int, first: bool) -> tuple:
    """Features, frames of both, which comes first, taps and step."""
    axis = 2 if first else 1
    return len(weight), large.shape[axis], small.shape[axis], first, weight.shape[-1], dW


def TemporalRowConvolution_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, dW: int, featFirst: bool
) -> None:
    n, sizes = output.size, _sizes(input, output, weight, dW, featFirst)
    _launch.each("rows", n, input, input, output, weight, bias, n, *sizes)


def TemporalRowConvolution_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, dW: int, featFirst: bool
) -> None:
    n, sizes = gradInput.size, _sizes(gradInput, gradOutput, weight, dW, featFirst)
    _launch.each("rows_gradient", n, gradInput, gradOutput, gradInput, weight, n, *sizes)


def TemporalRowConvolution_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, dW: int, featFirst: bool, scale: float
) -> None:
    sizes, arrays = _sizes(input, gradOutput, gradWeight, dW, featFirst), (input, gradOutput, gradWeight, gradBias)
    _launch.each("rows_weight", gradWeight.size + len(gradWeight), input, *arrays, len(input), *sizes, scale)
