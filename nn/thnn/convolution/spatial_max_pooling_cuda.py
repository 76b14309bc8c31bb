"""Launches of spatial_max_pooling.cu. Places that no window has are nobody's: their gradients go nowhere."""

from __future__ import annotations

from typing import Any

from ..cuda.places import scatter
from ..cuda.runtime import kernels

_launch = kernels(__name__)
#: Blocks along the planes, at most.
MOST = 65535


def grid(size: int, planes: int) -> tuple[int, int]:
    """128 threads for each plane's elements."""
    return -(-size // 128), min(planes, MOST)


def forward(input: Any, output: Any, indices: Any, geometry: tuple, gaps: tuple[int, int]) -> None:
    """Windows whose taps are ``gaps``, (height, width), apart."""
    kW, kH, dW, dH, padW, padH = geometry
    if output.size:
        planes, (H, W), (oH, oW) = input.shape[0] * input.shape[1], input.shape[2:], output.shape[2:]
        sizes = planes, H, W, oH, oW, kH, kW, dH, dW, padH, padW, *gaps
        _launch("max_forward<T>", input.dtype, grid(oH * oW, planes), 128, input, output, indices, *sizes)


def SpatialMaxPooling_updateOutput(input: Any, output: Any, indices: Any, geometry: tuple) -> None:
    forward(input, output, indices, geometry, (1, 1))


def SpatialMaxPooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, geometry: tuple | None = None, gaps: tuple[int, int] = (1, 1)
) -> bool:
    planes, (H, W), (oH, oW) = gradInput.shape[0] * gradInput.shape[1], gradInput.shape[2:], gradOutput.shape[2:]
    if geometry is None:
        scatter(gradOutput, gradInput, indices, planes, 1)
    elif gradInput.size:
        kW, kH, *rest = geometry
        spans = (kH - 1) * gaps[0] + 1, (kW - 1) * gaps[1] + 1
        sizes = planes, H, W, oH, oW, *spans, rest[1], rest[0], rest[3], rest[2]
        _launch("max_backward<T>", gradInput.dtype, grid(H * W, planes), 128, gradOutput, gradInput, indices, *sizes)
    return False
