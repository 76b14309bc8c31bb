"""Launches of spatial_average_pooling.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def _sizes(large: Any, small: Any, geometry: tuple, include: bool) -> tuple:
    kW, kH, dW, dH, padW, padH = geometry
    return (*large.shape[2:], *small.shape[2:], kH, kW, dH, dW, padH, padW, include)


def SpatialAveragePooling_updateOutput(input: Any, output: Any, geometry: tuple, include: bool) -> None:
    sizes = _sizes(input, output, geometry, include)
    _launch.each("average", output.size, input, input, output, output.size, *sizes)


def SpatialAveragePooling_updateGradInput(gradOutput: Any, gradInput: Any, geometry: tuple, include: bool) -> None:
    sizes = _sizes(gradInput, gradOutput, geometry, include)
    _launch.each("average_gradient", gradInput.size, gradInput, gradOutput, gradInput, gradInput.size, *sizes)
