"""Launches of spatial_convolution_local.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu

_launch = kernels(__name__)
Pair = tuple[int, int]


def _numbers(x: Any, weight: Any, stride: Pair, pad: Pair) -> Any:
    rows, columns, planes = weight.shape[:3]
    return on_gpu(np.array([*x.shape, planes, rows, columns, *weight.shape[4:], *stride, *pad], np.int32))


def SpatialConvolutionLocal_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, stride: Pair, pad: Pair
) -> None:
    numbers = _numbers(input, weight, stride, pad)
    _launch.each("local", output.size, input, input, output, weight, bias, numbers, output.size)


def SpatialConvolutionLocal_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, stride: Pair, pad: Pair
) -> None:
    numbers = _numbers(gradInput, weight, stride, pad)
    _launch.each("local_input", gradInput.size, gradInput, gradOutput, gradInput, weight, numbers, gradInput.size)


def SpatialConvolutionLocal_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, stride: Pair, pad: Pair, scale: float
) -> None:
    numbers, n = _numbers(input, gradWeight, stride, pad), gradWeight.size
    _launch.each("local_weight", n, input, input, gradOutput, gradWeight, numbers, n, scale)
    if gradBias is not None:
        _launch.each("local_bias", gradBias.size, input, gradOutput, gradBias, gradBias.size, len(input), scale)
