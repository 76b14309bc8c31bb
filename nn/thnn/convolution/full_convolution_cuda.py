"""Full convolution: the convolution's kernels with input and output exchanged."""

from __future__ import annotations

from math import prod
from typing import Any

from ..cuda.runtime import kernels
from .convolution_cuda import Convolution_accGradParameters, Convolution_updateGradInput, Convolution_updateOutput

_launch = kernels(__name__)


def add_sums(gradOutput: Any, gradBias: Any, scale: float) -> None:
    """``gradBias[o] += scale * sum of gradOutput[n][o]``, for an N x O x ... array"""
    sizes = len(gradOutput), gradBias.size, prod(gradOutput.shape[2:])
    if gradBias.size:
        _launch("add_sums<T>", gradBias.dtype, (gradBias.size,), 256, gradOutput, gradBias, *sizes, scale)


def FullConvolution_updateOutput(input: Any, output: Any, weight: Any, bias: Any, geometry: tuple) -> None:
    Convolution_updateGradInput(input, output, weight, geometry, bias)


def FullConvolution_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any, geometry: tuple) -> None:
    Convolution_updateOutput(gradOutput, gradInput, weight, None, geometry)


def FullConvolution_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, geometry: tuple, scale: float
) -> None:
    Convolution_accGradParameters(gradOutput, input, gradWeight, None, geometry, scale)
    if gradBias is not None:
        add_sums(gradOutput, gradBias, scale)
