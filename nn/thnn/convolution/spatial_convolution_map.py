"""Convolution of planes along a table of connections, and its full (transposed) form.

The large planes are those the kernel moves over, the small ones have a pixel for each of its places:
``small[to] = sum of weight[k] * large[from]``. The full convolution exchanges the two: its output is computed as the
other's gradInput, and the other way round. Rows of the table are (input plane, output plane), from 0.
"""

from __future__ import annotations

from typing import Any

from .connected_planes import planes
from .connected_weights import accumulate
from .full_convolution import add_sums

#: Columns of the table.
INPUT, OUTPUT = 0, 1


def SpatialConvolutionMap_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, connTable: Any, dW: int, dH: int
) -> None:
    """``N x I x H x W`` to ``N x O x oH x oW`` with ``weight`` ``rows x kH x kW``."""
    planes(input, output, weight, bias, connTable, INPUT, (dH, dW), False)


def SpatialConvolutionMap_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, connTable: Any, dW: int, dH: int
) -> None:
    """``N x O x oH x oW`` to ``N x I x H x W``."""
    planes(gradOutput, gradInput, weight, None, connTable, OUTPUT, (dH, dW), True)


def SpatialConvolutionMap_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, connTable: Any, dW: int, dH: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and ``gradBias``."""
    accumulate(input, gradOutput, gradWeight, connTable, INPUT, (dH, dW), scale)
    add_sums(gradOutput, gradBias, scale)


def SpatialFullConvolutionMap_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, connTable: Any, dW: int, dH: int
) -> None:
    """``N x I x H x W`` to ``N x O x oH x oW``, the larger planes, with ``weight`` ``rows x kH x kW``."""
    planes(input, output, weight, bias, connTable, INPUT, (dH, dW), True)


def SpatialFullConvolutionMap_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, connTable: Any, dW: int, dH: int
) -> None:
    """``N x O x oH x oW``, the larger planes, to ``N x I x H x W``."""
    planes(gradOutput, gradInput, weight, None, connTable, OUTPUT, (dH, dW), False)


def SpatialFullConvolutionMap_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, connTable: Any, dW: int, dH: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and ``gradBias``."""
    accumulate(gradOutput, input, gradWeight, connTable, OUTPUT, (dH, dW), scale)
    add_sums(gradOutput, gradBias, scale)
