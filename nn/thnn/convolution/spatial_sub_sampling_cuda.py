"""Launches of spatial_sub_sampling.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def _sizes(large: Any, small: Any, geometry: tuple) -> tuple:
    kW, kH, dW, dH = geometry
    return (*large.shape[1:], *small.shape[2:], kH, kW, dH, dW)


def SpatialSubSampling_updateOutput(input: Any, output: Any, weight: Any, bias: Any, geometry: tuple) -> None:
    n, sizes = output.size, _sizes(input, output, geometry)
    _launch.each("sub_sample", n, input, input, output, weight, bias, n, *sizes)


def SpatialSubSampling_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any, geometry: tuple) -> None:
    n, sizes = gradInput.size, _sizes(gradInput, gradOutput, geometry)
    _launch.each("sub_sample_gradient", n, gradInput, gradOutput, gradInput, weight, n, *sizes)


def SpatialSubSampling_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, geometry: tuple, scale: float
) -> None:
    sizes = len(input), *_sizes(input, gradOutput, geometry)
    arrays, grid = (input, gradOutput, gradWeight, gradBias), (gradWeight.size,)
    _launch("sub_sample_weight<T>", input.dtype, grid, 256, *arrays, *sizes, scale)
