"""Full convolution of planes along a table of connections."""

from __future__ import annotations

from typing import Any

from .spatial_convolution_map import INPUT, OUTPUT, accumulate, add_bias_gradient, correlate, fill, paint


def SpatialFullConvolutionMap_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, connTable: Any, dW: int, dH: int
) -> None:
    """``N x I x H x W`` to ``N x O x oH x oW`` with ``weight`` ``rows x kH x kW``."""
    fill(output, bias)
    paint(input, output, weight, connTable, INPUT, dH, dW)


def SpatialFullConvolutionMap_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, connTable: Any, dW: int, dH: int
) -> None:
    gradInput.fill(0)
    correlate(gradOutput, gradInput, weight, connTable, OUTPUT, dH, dW)


def SpatialFullConvolutionMap_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, connTable: Any, dW: int, dH: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and ``gradBias``."""
    scale = input.dtype.type(scale)
    accumulate(gradOutput, input, gradWeight, connTable, OUTPUT, dH, dW, scale)
    add_bias_gradient(gradOutput, gradBias, scale)
