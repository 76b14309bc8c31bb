"""Launches of temporal_sub_sampling.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def TemporalSubSampling_updateOutput(input: Any, output: Any, weight: Any, bias: Any, kW: int, dW: int) -> None:
    sizes = output.size, input.shape[1], *output.shape[1:], kW, dW
    _launch.each("frames", output.size, input, input, output, weight, bias, *sizes)


def TemporalSubSampling_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any, kW: int, dW: int) -> None:
    sizes = gradInput.size, gradInput.shape[1], *gradOutput.shape[1:], kW, dW
    _launch.each("frames_gradient", gradInput.size, gradInput, gradOutput, gradInput, weight, *sizes)


def TemporalSubSampling_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, kW: int, dW: int, scale: float
) -> None:
    sizes = len(input), input.shape[1], *gradOutput.shape[1:], kW, dW
    arrays = input, gradOutput, gradWeight, gradBias
    _launch.each("frames_weight", gradWeight.size, input, *arrays, *sizes, scale)
