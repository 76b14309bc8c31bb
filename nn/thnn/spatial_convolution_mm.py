"""Convolution of planes, with THNN's arguments: sizes width first."""

from __future__ import annotations

from typing import Any

from .convolution import Convolution_accGradParameters, Convolution_updateGradInput, Convolution_updateOutput


def SpatialConvolutionMM_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, kW: int, kH: int, dW: int, dH: int, padW: int, padH: int
) -> None:
    """``N x C x H x W`` to ``N x O x oH x oW`` with ``weight`` ``O x C x kH x kW``; ``bias`` may be None."""
    Convolution_updateOutput(input, output, weight, bias, (dH, dW), (padH, padW), (1, 1), 1)


def SpatialConvolutionMM_updateGradInput(
    input: Any, gradOutput: Any, gradInput: Any, weight: Any, kW: int, kH: int, dW: int, dH: int, padW: int, padH: int
) -> None:
    Convolution_updateGradInput(gradOutput, gradInput, weight, (dH, dW), (padH, padW), (1, 1), 1)


def SpatialConvolutionMM_accGradParameters(
    input: Any,
    gradOutput: Any,
    gradWeight: Any,
    gradBias: Any,
    kW: int,
    kH: int,
    dW: int,
    dH: int,
    padW: int,
    padH: int,
    scale: float,
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and, unless it is None, ``gradBias``."""
    Convolution_accGradParameters(input, gradOutput, gradWeight, gradBias, (dH, dW), (padH, padW), (1, 1), 1, scale)
