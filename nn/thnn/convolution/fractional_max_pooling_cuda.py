"""Launches of fractional_max_pooling.cu. Whether a window has no maximum is asked for, which waits."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.places import scatter
from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu
from ..cuda.workspace import take

_launch = kernels(__name__)


def FractionalMaxPooling_updateOutput(
    input: Any, output: Any, indices: Any, starts: list, size: tuple[int, int, int]
) -> bool:
    empty = take("empty", np.float64, 1)
    empty.fill(0)
    tables = [on_gpu(np.broadcast_to(s, (len(input), s.shape[1])).copy()) for s in starts]
    sizes = output.size, *input.shape[1:], *output.shape[1:], *size
    _launch.each("fractional_max", output.size, input, input, output, indices, *tables, empty, *sizes)
    return bool(empty.get()[0])


def FractionalMaxPooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> bool:
    scatter(gradOutput, gradInput, indices, len(gradInput), 1)
    return False
