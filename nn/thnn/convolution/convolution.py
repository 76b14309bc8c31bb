"""Convolution in 1 to 3 dimensions with stride, border, dilation and groups: which algorithm computes which shape.

Sizes come outermost dimension first: ``(height, width)`` for planes. Arrays are N x C x (1 to 3 dimensions), weights
O x C/groups x (kernel); O and C are multiples of ``groups``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from torch7.exactness import exact

from ..cpu.conv import channels_first, channels_last, col2im, winograd
from ..cpu.conv.method import Method, Shape

Sizes = tuple[int, ...]

#: The first method that takes a shape computes it; the last ones take all. Each says at its ``takes`` why.
OUTPUT = (winograd.OUTPUT, winograd.volumes.OUTPUT, channels_first.OUTPUT, channels_last.OUTPUT)
GRAD_INPUT = (
    winograd.GRAD_INPUT,
    winograd.volumes.GRAD_INPUT,
    col2im.GRAD_INPUT,
    channels_first.GRAD_INPUT,
    channels_last.GRAD_INPUT,
)
GRAD_WEIGHT = (
    winograd.GRAD_WEIGHT,
    winograd.volumes.GRAD_WEIGHT,
    channels_first.GRAD_WEIGHT,
    channels_last.GRAD_WEIGHT,
)


#: Stride, border and dilation for each dimension, and into how many groups the channels are divided.
Geometry = tuple[Sizes, Sizes, Sizes, int]


@lru_cache(maxsize=256)
def _shape(images: Sizes, weight: Sizes, geometry: Geometry, biased: bool, dtype: Any, exact: bool) -> Shape:
    """All that decides, for N x C x (1 to 3 sizes) images."""
    stride, pad, dilation, groups = geometry
    missing = 5 - len(images)
    ones, zeros = (1,) * missing, (0,) * missing
    sizes = ones + images[2:], ones + weight[2:], ones + stride, zeros + pad, ones + dilation
    return Shape(*sizes, images[0], weight[1], weight[0] // groups, groups, biased, dtype, exact)


@lru_cache(maxsize=256)
def _chosen(methods: tuple[Method, ...], shape: Shape) -> Method:
    return next(method for method in methods if method.takes(shape))


def Convolution_updateOutput(input: Any, output: Any, weight: Any, bias: Any, geometry: Geometry) -> None:
    """``output = weight * input + bias``; ``bias`` may be None."""
    if output.size:
        shape = _shape(input.shape, weight.shape, geometry, bias is not None, input.dtype, exact())
        _chosen(OUTPUT, shape).run(shape, input, weight, bias, output)


def Convolution_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, geometry: Geometry, bias: Any = None
) -> None:
    """The gradient with respect to the input, and the forward pass of a full (transposed) convolution: with a bias."""
    if gradInput.size:
        shape = _shape(gradInput.shape, weight.shape, geometry, bias is not None, weight.dtype, exact())
        _chosen(GRAD_INPUT, shape).run(shape, gradOutput, weight, bias, gradInput)


def Convolution_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, geometry: Geometry, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and, unless it is None, ``gradBias``."""
    if gradOutput.size:
        shape = _shape(input.shape, gradWeight.shape, geometry, gradBias is not None, input.dtype, exact())
        _chosen(GRAD_WEIGHT, shape).run(shape, input, gradOutput, gradWeight, gradBias, scale)
