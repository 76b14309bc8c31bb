"""Launches of euclidean.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def Euclidean_updateOutput(input: Any, output: Any, weight: Any, scales: Any = None) -> None:
    _launch.each("distances", output.size, input, input, weight, scales, output, output.size, *weight.shape)


def Euclidean_updateGradInput(input: Any, ratio: Any, gradInput: Any, weight: Any, scales: Any = None) -> None:
    n = gradInput.size
    _launch.each("input_gradient", n, input, input, weight, scales, ratio, gradInput, n, *weight.shape)


def Euclidean_accGradParameters(
    input: Any, ratio: Any, weight: Any, gradWeight: Any, scale: float, scales: Any = None, gradScales: Any = None
) -> None:
    n, arrays = weight.size, (input, weight, scales, ratio, gradWeight, gradScales)
    _launch.each("parameter_gradients", n, input, *arrays, n, len(input), *weight.shape, scale)
