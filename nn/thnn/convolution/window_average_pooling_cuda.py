"""Launches of window_average_pooling.cu. Windows of one axis begin and end in order."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu
from .window_max_pooling_cuda import own

_launch = kernels(__name__)


def WindowAveragePooling_updateOutput(input: Any, output: Any, windows: list, divisor: float) -> None:
    sizes = output.size, *input.shape[1:], *output.shape[1:], *own(windows), divisor
    _launch.each("window_means", output.size, output, input, output, *map(on_gpu, windows), *sizes)


def WindowAveragePooling_updateGradInput(gradOutput: Any, gradInput: Any, windows: list, divisor: float) -> None:
    over = [on_gpu(_over(w, n)) for w, n in zip(windows, gradInput.shape[1:])]
    sizes = gradInput.size, *gradInput.shape[1:], *gradOutput.shape[1:], *own(windows), divisor
    arrays = gradOutput, gradInput, *map(on_gpu, windows), *over
    _launch.each("window_spread", gradInput.size, gradInput, *arrays, *sizes)


def _over(windows: Any, n: int) -> Any:
    """For every place of an axis the first window over it and the one behind the last, 2 x n; of each plane's own."""
    if windows.ndim == 3:
        return np.stack([_over(w, n) for w in windows])
    return np.stack([np.searchsorted(windows[end], np.arange(n), "right") for end in (1, 0)])
