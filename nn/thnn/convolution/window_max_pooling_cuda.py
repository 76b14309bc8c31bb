"""Launches of window_max_pooling.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.places import scatter
from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu

_launch = kernels(__name__)


def own(windows: list) -> list[int]:
    """How far apart the tables of two planes are: 0 where all planes have one."""
    return [0 if w.ndim == 2 else w.shape[1] * w.shape[2] for w in windows]


def WindowMaxPooling_updateOutput(input: Any, output: Any, indices: Any, windows: list, steps: tuple) -> None:
    arrays = input, output, indices, *map(on_gpu, windows)
    sizes = output.size, *input.shape[1:], *output.shape[1:], *own(windows), *steps
    _launch.each("window_maxima", output.size, output, *arrays, *sizes)


def WindowMaxPooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> int:
    scatter(gradOutput, gradInput, indices, len(gradInput), 0)
    return 0
