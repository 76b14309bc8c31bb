"""Launches of fractional_max_pooling.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.places import scatter
from ..cuda.results import Fault
from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu
from ..cuda.workspace import take

_launch = kernels(__name__)


def FractionalMaxPooling_starts(u: Any, axis: int, sizes: tuple[int, int, int], whole: bool = False) -> Any:
    """In scratch memory, one an axis."""
    rows, windows = 3 if whole else 1, sizes[2]
    table = take(f"starts {axis}", np.int64, len(u), rows, windows)
    _launch.each("fractional_starts", len(u) * windows, u, u, table, len(u) * windows, u.shape[1], axis, *sizes, rows)
    return table if whole else table.reshape(len(u), windows)


def FractionalMaxPooling_updateOutput(
    input: Any, output: Any, indices: Any, starts: list, size: tuple[int, int, int]
) -> Fault:
    tables = [on_gpu(np.broadcast_to(s, (len(input), s.shape[1]))) if isinstance(s, np.ndarray) else s for s in starts]
    sizes = output.size, *input.shape[1:], *output.shape[1:], *size

    def write(slot: Any) -> None:
        slot.fill(-1)
        _launch.each("fractional_max", output.size, input, input, output, indices, *tables, slot, *sizes)

    return Fault(write)


def FractionalMaxPooling_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any) -> bool:
    scatter(gradOutput, gradInput, indices, len(gradInput), 1)
    return False
