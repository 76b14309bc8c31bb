"""Launches of point_taps.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu

_launch = kernels(__name__)


def PointTaps_updateOutput(input: Any, places: Any, weights: Any, output: Any) -> None:
    sizes = output.size, *input.shape[1:], *places.shape[1:]
    _launch.each("sample_points", output.size, output, input, on_gpu(places), on_gpu(weights), output, *sizes)


def PointTaps_updateGradInput(gradOutput: Any, places: Any, weights: Any, gradInput: Any) -> None:
    gradInput.fill(0)
    n, sizes = gradOutput.size, (*gradInput.shape[1:], *places.shape[1:])
    _launch.each("spread_points", n, gradInput, gradOutput, on_gpu(places), on_gpu(weights), gradInput, n, *sizes)


def PointTaps_accGradWeights(input: Any, places: Any, gradOutput: Any, gradWeights: Any) -> None:
    n, sizes = gradWeights.size, (*input.shape[1:], *places.shape[1:])
    _launch.each("point_weights", n, gradWeights, input, on_gpu(places), gradOutput, gradWeights, n, *sizes)
