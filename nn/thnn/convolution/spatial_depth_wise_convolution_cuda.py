"""Convolution of each plane by itself: as many groups as there are planes."""

from __future__ import annotations

from typing import Any

from ..cuda.workspace import take
from .convolution_cuda import Convolution_accGradParameters, Convolution_updateGradInput, Convolution_updateOutput

Pair = tuple[int, int]


def _by_input(x: Any, name: str) -> Any:
    """O x I x ... as I x O x ..., in scratch memory."""
    x = x.swapaxes(0, 1)
    target = take(name, x.dtype, *x.shape)
    target[...] = x
    return target


def _kernels(x: Any) -> Any:
    """I x O x kH x kW as the weight of I groups."""
    return x.reshape(-1, 1, *x.shape[2:])


def SpatialDepthWiseConvolution_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, stride: Pair, pad: Pair
) -> None:
    bias = bias if bias is None else _by_input(bias, "depth-wise bias").reshape(-1)
    weight = _kernels(_by_input(weight, "depth-wise weight"))
    Convolution_updateOutput(input, output, weight, bias, (stride, pad, (1, 1), input.shape[1]))


def SpatialDepthWiseConvolution_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, stride: Pair, pad: Pair
) -> None:
    weight = _kernels(_by_input(weight, "depth-wise weight"))
    Convolution_updateGradInput(gradOutput, gradInput, weight, (stride, pad, (1, 1), gradInput.shape[1]))


def SpatialDepthWiseConvolution_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, stride: Pair, pad: Pair, scale: float
) -> None:
    weight = _by_input(gradWeight, "depth-wise weight")
    bias = gradBias if gradBias is None else _by_input(gradBias, "depth-wise bias")
    sums = bias if bias is None else bias.reshape(-1)
    geometry = stride, pad, (1, 1), input.shape[1]
    Convolution_accGradParameters(input, gradOutput, _kernels(weight), sums, geometry, scale)
    gradWeight[...] = weight.swapaxes(0, 1)
    if bias is not None:
        gradBias[...] = bias.T
