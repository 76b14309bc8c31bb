"""Full (transposed) convolution in 1 to 3 dimensions: the convolution engine with input and output exchanged."""

from __future__ import annotations

from math import prod
from typing import Any

from numba import prange

from ..cpu.runtime.jit import inner, parallel
from ..cpu.simd import registers as simd
from .convolution import Convolution_accGradParameters, Convolution_updateGradInput, Convolution_updateOutput, Geometry


@inner
def _sum(x):
    width = simd.lanes(x)
    total = simd.splat(x, 0)
    for i in range(0, x.size, width):
        total += simd.load_first(x, i, min(width, x.size - i))
    return simd.total(total)


@parallel
def _add_sums(g, dbias, scale):
    """dbias[o] += scale * sum of g[n][o]"""
    for o in prange(dbias.size):
        total = g.dtype.type(0)
        for n in range(g.shape[0]):
            total += _sum(g[n, o])
        dbias[o] += scale * total


def add_sums(gradOutput: Any, gradBias: Any, scale: float) -> None:
    """``gradBias[o] += scale * sum of gradOutput[n][o]``, for an N x O x ... array"""
    planes = gradOutput.reshape(*gradOutput.shape[:2], prod(gradOutput.shape[2:]))
    _add_sums(planes, gradBias, gradBias.dtype.type(scale))


def FullConvolution_updateOutput(input: Any, output: Any, weight: Any, bias: Any, geometry: Geometry) -> None:
    """``N x I x ...`` to ``N x O x ...`` with ``weight`` ``I x O/groups x ...``; ``bias`` may be None."""
    Convolution_updateGradInput(input, output, weight, geometry, bias)


def FullConvolution_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any, geometry: Geometry) -> None:
    """The gradient with respect to the input: a convolution of gradOutput."""
    Convolution_updateOutput(gradOutput, gradInput, weight, None, geometry)


def FullConvolution_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, geometry: Geometry, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and, unless it is None, ``gradBias``."""
    Convolution_accGradParameters(gradOutput, input, gradWeight, None, geometry, scale)
    if gradBias is not None:
        add_sums(gradOutput, gradBias, scale)
