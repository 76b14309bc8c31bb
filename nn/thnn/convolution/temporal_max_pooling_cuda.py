"""Launches of temporal_max_pooling.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def TemporalMaxPooling_updateOutput(input: Any, output: Any, indices: Any, kW: int, dW: int) -> None:
    sizes = output.size, input.shape[1], output.shape[1], input.shape[2], kW, dW
    _launch.each("temporal_max", output.size, input, input, output, indices, *sizes)


def TemporalMaxPooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, dW: int, kW: int | None = None
) -> bool:
    frames = gradInput.shape[1]
    sizes = gradInput.size, frames, gradOutput.shape[1], gradInput.shape[2], kW or frames, dW
    _launch.each("temporal_max_gradient", gradInput.size, gradInput, gradOutput, gradInput, indices, *sizes)
    return False
