"""Convolution in 1 to 3 dimensions with stride, border, dilation and groups: which kernel computes which shape.

Sizes come outermost dimension first: ``(height, width)`` for planes. Arrays are N x C x (1 to 3 dimensions), weights
O x C/groups x (kernel); O and C are multiples of ``groups``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from torch7.exactness import exact

from ..cpu.conv import channels_first as few
from ..cpu.conv import channels_first_weight as few_weight
from ..cpu.conv import channels_last as direct
from ..cpu.conv import channels_last_weight as direct_weight
from ..cpu.conv import col2im as scatter
from ..cpu.conv import winograd, winograd_weight
from ..cpu.runtime.isa import lanes_of

Sizes = tuple[int, ...]

#: The least channels and outputs for Winograd's algorithm.
WIDE = 64
#: The most bytes that vectors of partial sums for all weights may take.
PARTIAL = 32 << 20


def _lifted(x: Any) -> Any:
    """An array of 1 to 3 dimensions behind the first two, with exactly 3."""
    return x.reshape(*x.shape[:2], *[1] * (5 - x.ndim), *x.shape[2:])


def _geometry(stride: Sizes, pad: Sizes, dilation: Sizes) -> tuple[Sizes, Sizes, Sizes]:
    missing = 3 - len(stride)
    return (1,) * missing + stride, (0,) * missing + pad, (1,) * missing + dilation


def _winograd(images: Any, weight: Any, stride: Sizes, pad: Sizes, dilation: Sizes, groups: int) -> bool:
    """Whether Winograd's algorithm takes this shape."""
    if images.ndim != 4 or images.dtype != np.float32 or groups != 1 or exact():
        return False
    k, lanes = weight.shape[2], lanes_of(4)
    return (
        k in (3, 5)
        and weight.shape[3] == k
        and stride == dilation == (1, 1)
        and pad[0] == pad[1] < k
        and min(weight.shape[:2]) >= WIDE
        and weight.shape[0] % lanes == weight.shape[1] % lanes == 0
    )


def _few(channels: int, weight: Any) -> bool:
    """Whether so few channels come out that vectors of channels would be mostly idle."""
    return channels <= lanes_of(weight.itemsize) * 3 // 4


def Convolution_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, stride: Sizes, pad: Sizes, dilation: Sizes, groups: int
) -> None:
    """``output = weight * input + bias``; ``bias`` may be None."""
    if not output.size:
        return
    if _winograd(input, weight, stride, pad, dilation, groups):
        winograd.forward(input, weight, bias, output, pad[0])
    else:
        geometry = _geometry(stride, pad, dilation)
        kernel = few if _few(weight.shape[0] // groups, weight) else direct
        kernel.forward(_lifted(input), _lifted(weight), bias, _lifted(output), *geometry, groups)


def Convolution_updateGradInput(
    gradOutput: Any,
    gradInput: Any,
    weight: Any,
    stride: Sizes,
    pad: Sizes,
    dilation: Sizes,
    groups: int,
    bias: Any = None,
) -> None:
    """The gradient with respect to the input, and the forward pass of a full (transposed) convolution: with a bias."""
    if not gradInput.size:
        return
    if _winograd(gradOutput, weight, stride, pad, dilation, groups):
        winograd.backward_input(gradOutput, weight, bias, gradInput, pad[0])
    else:
        geometry = _geometry(stride, pad, dilation)
        arrays = _lifted(gradOutput), _lifted(weight)
        if not _few(weight.shape[1], weight):
            direct.backward_input(*arrays, bias, _lifted(gradInput), *geometry, groups)
        elif (
            bias is None
            and groups == 1
            and scatter.fits(
                *(a.shape[2:] for a in (_lifted(gradInput), arrays[1])),
                *geometry,
                *weight.shape[1::-1],
                weight.itemsize,
            )
        ):
            scatter.backward_input(*arrays, _lifted(gradInput), *geometry)
        else:
            few.backward_input(*arrays, bias, _lifted(gradInput), *geometry, groups)


def Convolution_accGradParameters(
    input: Any,
    gradOutput: Any,
    gradWeight: Any,
    gradBias: Any,
    stride: Sizes,
    pad: Sizes,
    dilation: Sizes,
    groups: int,
    scale: float,
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and, unless it is None, ``gradBias``."""
    if not gradOutput.size:
        return
    if _winograd(input, gradWeight, stride, pad, dilation, groups):
        winograd_weight.backward_weight(input, gradOutput, gradWeight, gradBias, pad[0], scale)
    else:
        geometry = _geometry(stride, pad, dilation)
        arrays = _lifted(input), _lifted(gradOutput), _lifted(gradWeight), gradBias
        lanes = lanes_of(gradWeight.itemsize)
        along = 2 * gradWeight.shape[0] // groups <= lanes and gradWeight.nbytes * lanes <= PARTIAL
        kernel = few_weight if along else direct_weight
        kernel.backward_weight(*arrays, *geometry, groups, scale)
