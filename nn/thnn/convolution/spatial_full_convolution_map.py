"""Full convolution of planes along a table of connections."""

from __future__ import annotations

from typing import Any

from .full_convolution import add_sums
from .spatial_convolution_map import INPUT, OUTPUT, accumulate, correlate, paint


def SpatialFullConvolutionMap_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, connTable: Any, dW: int, dH: int
) -> None:
    """``N x I x H x W`` to ``N x O x oH x oW`` with ``weight`` ``rows x kH x kW``."""
    paint(input, output, weight, bias, connTable, INPUT, dH, dW)


def SpatialFullConvolutionMap_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, connTable: Any, dW: int, dH: int
) -> None:
    correlate(gradOutput, gradInput, weight, None, connTable, OUTPUT, dH, dW)


def SpatialFullConvolutionMap_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, connTable: Any, dW: int, dH: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and ``gradBias``."""
    accumulate(gradOutput, input, gradWeight, connTable, OUTPUT, dH, dW, scale)
    add_sums(gradOutput, gradBias, scale)
