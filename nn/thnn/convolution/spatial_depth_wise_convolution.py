"""Convolution of each plane by itself: the engine's convolution in as many groups as there are planes.

The engine wants the kernels of input plane 1 first; modules keep them as O x I x kH x kW.
"""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.workspace import take
from .convolution import Convolution_accGradParameters, Convolution_updateGradInput, Convolution_updateOutput

Pair = tuple[int, int]


def _by_input(x: Any, name: str) -> Any:
    """O x I x ... as I x O x ..., in scratch memory."""
    x = x.swapaxes(0, 1)
    target = take(name, x.dtype, x.size).reshape(x.shape)
    target[...] = x
    return target


def _kernels(x: Any) -> Any:
    """I x O x kH x kW as the weight of I groups."""
    return x.reshape(-1, 1, *x.shape[2:])


def SpatialDepthWiseConvolution_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, stride: Pair, pad: Pair
) -> None:
    """``N x I x H x W`` to ``N x (I O) x oH x oW``; ``weight`` ``O x I x kH x kW``, ``bias`` ``O x I`` or None."""
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
    """Add ``scale`` times the gradients to ``gradWeight`` and, unless it is None, ``gradBias``."""
    weight = _by_input(gradWeight, "depth-wise weight")
    bias = gradBias if gradBias is None else _by_input(gradBias, "depth-wise bias")
    sums = bias if bias is None else bias.reshape(-1)
    geometry = stride, pad, (1, 1), input.shape[1]
    Convolution_accGradParameters(input, gradOutput, _kernels(weight), sums, geometry, scale)
    gradWeight[...] = weight.swapaxes(0, 1)
    if bias is not None:
        gradBias[...] = bias.T
