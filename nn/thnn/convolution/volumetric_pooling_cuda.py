"""Launches of volumetric_pooling.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.results import Fault
from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu

_launch = kernels(__name__)
ONES, ZEROS = (1, 1, 1), (0, 0, 0)


def _box(large: Any, small: Any, size: tuple, step: tuple, pad: tuple = ZEROS, gap: tuple = ONES) -> Any:
    """What the kernels know of windows and volumes."""
    return on_gpu(np.array([*size, *step, *pad, *gap, *large.shape[1:], *small.shape[1:]], np.int32))


def VolumetricMaxPooling_updateOutput(
    input: Any, output: Any, indices: Any, size: tuple, step: tuple, pad: tuple, gap: tuple
) -> None:
    box = _box(input, output, size, step, pad, gap)
    _launch.each("volume_max", output.size, input, input, output, indices, box, output.size)


def VolumetricMaxPooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, step: tuple, pad: tuple, gap: tuple, size: tuple | None = None
) -> bool:
    box, planes, n = _box(gradInput, gradOutput, size or ONES, step, pad, gap), len(gradInput), gradInput.size
    if size:
        _launch.each("volume_max_gradient", n, gradInput, gradOutput, gradInput, indices, box, n)
    else:
        gradInput.fill(0)
        _launch.each("volume_max_scatter", planes, gradInput, gradOutput, gradInput, indices, box, planes)
    return False


def VolumetricMaxUnpooling_updateOutput(input: Any, output: Any, indices: Any, step: tuple, pad: tuple) -> Fault:
    box = _box(output, input, ONES, step, pad)
    output.fill(0)

    def write(slot: Any) -> None:
        slot.fill(-1)
        _launch.each("volume_put", len(input), input, input, output, indices, box, slot, len(input))

    return Fault(write)


def VolumetricMaxUnpooling_updateGradInput(
    gradOutput: Any, gradInput: Any, indices: Any, step: tuple, pad: tuple
) -> int:
    box, n = _box(gradOutput, gradInput, ONES, step, pad), gradInput.size
    _launch.each("volume_get", n, gradInput, gradOutput, gradInput, indices, box, n)
    return -1


def VolumetricAveragePooling_updateOutput(input: Any, output: Any, size: tuple, step: tuple) -> None:
    _launch.each("volume_average", output.size, input, input, output, _box(input, output, size, step), output.size)


def VolumetricAveragePooling_updateGradInput(gradOutput: Any, gradInput: Any, size: tuple, step: tuple) -> None:
    box, n = _box(gradInput, gradOutput, size, step), gradInput.size
    _launch.each("volume_average_gradient", n, gradInput, gradOutput, gradInput, box, n)
