"""Launches of axes_gather.cu."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.runtime import kernels
from ..cuda.tables import on_gpu

_launch = kernels(__name__)


def _copies(sources: Any, size: int) -> tuple[Any, Any]:
    """For each of ``size`` input positions where the outputs that copy it begin in the second table."""
    order = np.argsort(sources, kind="stable").astype(np.int64)
    order = order[np.count_nonzero(sources < 0) :]
    starts = np.searchsorted(sources[order], np.arange(size + 1))
    return on_gpu(starts.astype(np.int64)), on_gpu(np.append(order, 0))


def AxesGather_updateOutput(input: Any, output: Any, depths: Any, rows: Any, columns: Any, value: float = 0.0) -> None:
    tables = (on_gpu(np.asarray(t, np.int64)) for t in (depths, rows, columns))
    sizes = output.size, *input.shape[1:], *output.shape[1:]
    _launch.each("gather", output.size, input, input, output, *tables, *sizes, value)


def AxesGather_updateGradInput(gradOutput: Any, gradInput: Any, depths: Any, rows: Any, columns: Any) -> None:
    axes = zip((depths, rows, columns), gradInput.shape[1:])
    tables = [table for sources, size in axes for table in _copies(np.asarray(sources), size)]
    sizes = gradInput.size, *gradInput.shape[1:], *gradOutput.shape[1:]
    _launch.each("gather_gradient", gradInput.size, gradInput, gradOutput, gradInput, *tables, *sizes)
