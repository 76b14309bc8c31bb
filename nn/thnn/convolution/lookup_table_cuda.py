"""Launches of lookup_table.cu. Words are sorted on the GPU: every sum has one order, without atomics."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.runtime import blocks, kernels

_launch = kernels(__name__)


def LookupTable_updateOutput(indices: Any, weight: Any, output: Any) -> None:
    _launch.each("look_up", output.size, weight, indices, weight, output, output.size, *weight.shape[::-1])


def LookupTable_accGradParameters(
    indices: Any, gradOutput: Any, gradWeight: Any, counts: Any, paddingValue: int, scale: float
) -> None:
    columns, n = gradWeight.shape[1], indices.size
    if n and columns:
        order = indices.argsort().astype(np.int64, copy=False)
        arrays, grid = (indices[order], order, gradOutput, gradWeight, counts), (*blocks(n, 1), -(-columns // 128))
        _launch("add_rows<T>", gradWeight.dtype, grid, 128, *arrays, n, columns, len(gradWeight), paddingValue, scale)


def LookupTable_renorm(rows: Any, weight: Any, maxNorm: float, normType: float) -> None:
    sizes = rows.size, weight.shape[1], maxNorm, normType
    if rows.size:
        _launch("limit_norms<T>", weight.dtype, blocks(rows.size, 8), 256, rows, weight, *sizes)
