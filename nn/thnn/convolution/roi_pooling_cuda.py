"""Launches of roi_pooling.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu

_launch = kernels(__name__)


def ROIPooling_updateOutput(
    data: Any, width: int, images: Any, rows: Any, columns: Any, output: Any, places: Any
) -> None:
    arrays = data, *map(on_gpu, (images, rows, columns)), output, places
    sizes = output.size, *data.shape[1:], width, rows.shape[2], columns.shape[2]
    _launch.each("roi_maxima", output.size, output, *arrays, *sizes)


def ROIPooling_updateGradInput(gradOutput: Any, images: Any, places: Any, gradInput: Any) -> None:
    n, sizes = gradOutput.size, (*gradInput.shape[1:], gradOutput.shape[2])
    _launch.each("roi_gradient", n, gradInput, gradOutput, on_gpu(images), places, gradInput, n, *sizes)
