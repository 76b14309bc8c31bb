"""Launches of spatial_convolution_map.cu: the full convolution exchanges large and small planes."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu
from .full_convolution_cuda import add_sums

_launch = kernels(__name__)
#: Columns of the table.
INPUT, OUTPUT = 0, 1


def _planes(x: Any, y: Any, weight: Any, bias: Any, table: Any, column: int, steps: tuple, large: bool) -> None:
    """``y``, the large planes or the small ones, from ``x``; ``column`` of the table has the planes of ``x``."""
    sizes = (*y.shape[2:], *x.shape[2:]) if large else (*x.shape[2:], *y.shape[2:])
    numbers = y.size, column, len(table), x.shape[1], y.shape[1], *sizes, *weight.shape[1:], *steps
    name = "map_large" if large else "map_small"
    _launch.each(name, y.size, x, x, y, weight, bias, on_gpu(table), *numbers)


def _accumulate(large: Any, small: Any, gradWeight: Any, table: Any, column: int, steps: tuple, scale: float) -> None:
    sizes = (
        large.shape[1],
        small.shape[1],
        len(large),
        *large.shape[2:],
        *small.shape[2:],
        *gradWeight.shape[1:],
        *steps,
    )
    arrays, n = (large, small, gradWeight, on_gpu(table)), gradWeight.size
    _launch.each("map_weight", n, large, *arrays, n, column, *sizes, scale)


def SpatialConvolutionMap_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, connTable: Any, dW: int, dH: int
) -> None:
    _planes(input, output, weight, bias, connTable, INPUT, (dH, dW), False)


def SpatialConvolutionMap_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, connTable: Any, dW: int, dH: int
) -> None:
    _planes(gradOutput, gradInput, weight, None, connTable, OUTPUT, (dH, dW), True)


def SpatialConvolutionMap_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, connTable: Any, dW: int, dH: int, scale: float
) -> None:
    _accumulate(input, gradOutput, gradWeight, connTable, INPUT, (dH, dW), scale)
    add_sums(gradOutput, gradBias, scale)


def SpatialFullConvolutionMap_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, connTable: Any, dW: int, dH: int
) -> None:
    _planes(input, output, weight, bias, connTable, INPUT, (dH, dW), True)


def SpatialFullConvolutionMap_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, connTable: Any, dW: int, dH: int
) -> None:
    _planes(gradOutput, gradInput, weight, None, connTable, OUTPUT, (dH, dW), False)


def SpatialFullConvolutionMap_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, connTable: Any, dW: int, dH: int, scale: float
) -> None:
    _accumulate(gradOutput, input, gradWeight, connTable, OUTPUT, (dH, dW), scale)
    add_sums(gradOutput, gradBias, scale)
