"""Launches of spatial_cross_map_lrn.cu."""

from __future__ import annotations

from math import prod
from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def _sizes(x: Any, size: int) -> tuple:
    plane = prod(x.shape[2:])
    return len(x) * plane, x.shape[1], plane, (size - 1) // 2, size // 2


def SpatialCrossMapLRN_updateOutput(
    input: Any, output: Any, scale: Any, size: int, alpha: float, beta: float, k: float
) -> None:
    sizes = _sizes(input, size)
    _launch.each("lrn", sizes[0], input, input, output, scale, *sizes, alpha / size, beta, k)


def SpatialCrossMapLRN_updateGradInput(
    input: Any, gradOutput: Any, gradInput: Any, scale: Any, size: int, alpha: float, beta: float, k: float
) -> None:
    sizes, arrays = _sizes(input, size), (input, gradOutput, gradInput, scale)
    _launch.each("lrn_gradient", sizes[0], input, *arrays, *sizes, 2 * alpha * beta / size, beta)
