"""Launches of axes_gather.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu

_launch = kernels(__name__)


def _copies(sources: Any, size: int) -> tuple[Any, Any]:
    """For each of ``size`` input positions the outputs that copy it: the first of neighbours and how many, or where
    they begin in the second table and less than 0."""
    order = np.argsort(sources, kind="stable")
    order = np.append(order[np.count_nonzero(sources < 0) :], 0)
    starts = np.searchsorted(sources[order[:-1]], np.arange(size + 1))
    first, count = order[starts[:-1]], np.diff(starts)
    neighbours = order[np.maximum(starts[1:], 1) - 1] == first + count - 1
    table = np.where(neighbours | (count == 0), (first, count), (starts[:-1], -count))
    return on_gpu(np.ascontiguousarray(table.T, np.int32)), on_gpu(order.astype(np.int32))


def AxesGather_updateOutput(input: Any, output: Any, depths: Any, rows: Any, columns: Any, value: float = 0.0) -> None:
    tables = (on_gpu(np.asarray(t, np.int64)) for t in (depths, rows, columns))
    sizes = output.size, *input.shape[1:], *output.shape[1:]
    _launch.each("gather", output.size, input, input, output, *tables, *sizes, value)


def AxesGather_updateGradInput(gradOutput: Any, gradInput: Any, depths: Any, rows: Any, columns: Any) -> None:
    axes = zip((depths, rows, columns), gradInput.shape[1:])
    tables = [table for sources, size in axes for table in _copies(np.asarray(sources), size)]
    sizes = gradInput.size, *gradInput.shape[1:], *gradOutput.shape[1:]
    _launch.each("gather_gradient", gradInput.size, gradInput, gradOutput, gradInput, *tables, *sizes)
