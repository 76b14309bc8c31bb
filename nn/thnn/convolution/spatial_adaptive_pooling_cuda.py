"""Launches of spatial_adaptive_pooling.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu

_launch = kernels(__name__)


def _sizes(large: Any, rows: Any, columns: Any) -> tuple:
    return (*large.shape[-2:], rows.shape[1], columns.shape[1])


def SpatialAdaptiveMaxPooling_updateOutput(input: Any, output: Any, indices: Any, rows: Any, columns: Any) -> None:
    arrays, n = (input, output, indices, on_gpu(rows), on_gpu(columns)), output.size
    _launch.each("adaptive_max", n, input, *arrays, n, *_sizes(input, rows, columns))


def SpatialAdaptiveMaxPooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, rows: Any, columns: Any
) -> bool:
    arrays = gradOutput, gradInput, indices, on_gpu(rows), on_gpu(columns)
    n, sizes = gradInput.size, (gradOutput.size, *_sizes(gradInput, rows, columns))
    _launch.each("adaptive_max_gradient", n, gradInput, *arrays, n, *sizes)
    return False


def SpatialAdaptiveAveragePooling_updateOutput(input: Any, output: Any, rows: Any, columns: Any) -> None:
    arrays, n = (input, output, on_gpu(rows), on_gpu(columns)), output.size
    _launch.each("adaptive_average", n, input, *arrays, n, *_sizes(input, rows, columns))


def SpatialAdaptiveAveragePooling_updateGradInput(gradOutput: Any, gradInput: Any, rows: Any, columns: Any) -> None:
    arrays, n = (gradOutput, gradInput, on_gpu(rows), on_gpu(columns)), gradInput.size
    _launch.each("adaptive_average_gradient", n, gradInput, *arrays, n, *_sizes(gradInput, rows, columns))
