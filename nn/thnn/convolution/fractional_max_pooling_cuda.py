"""Launches of fractional_max_pooling.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.places import scatter
from ..cuda.results import Fault
from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu

_launch = kernels(__name__)


def FractionalMaxPooling_updateOutput(
    input: Any, output: Any, indices: Any, starts: list, size: tuple[int, int, int]
) -> Fault:
    tables = [on_gpu(np.broadcast_to(s, (len(input), s.shape[1])).copy()) for s in starts]
    sizes = output.size, *input.shape[1:], *output.shape[1:], *size

    def write(slot: Any) -> None:
        slot.fill(-1)
        _launch.each("fractional_max", output.size, input, input, output, indices, *tables, slot, *sizes)

    return Fault(write)


def FractionalMaxPooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> bool:
    scatter(gradOutput, gradInput, indices, len(gradInput), 1)
    return False
