"""Launches of soft_max_tree.cu. The gradient of every weight is added up in one order, without atomics."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import blocks, kernels
from ..cuda.tables import on_gpu

_launch = kernels(__name__)


def SoftMaxTree_updateOutput(x: Any, weight: Any, bias: Any, path: Any, logp: Any, output: Any) -> None:
    if len(x):
        sizes = *path.shape[:2], x.shape[1], logp.shape[1]
        arrays, grid = (x, weight, bias, on_gpu(path), logp, output), blocks(len(x), 8)
        _launch("decide<T>", x.dtype, grid, 256, *arrays, *sizes)


def SoftMaxTree_updateGradInput(weight: Any, path: Any, logp: Any, gradOutput: Any, gradInput: Any) -> None:
    n, sizes = gradInput.size, (path.shape[1], weight.shape[1], logp.shape[1])
    _launch.each("tree_to_input", n, gradInput, weight, on_gpu(path), logp, gradOutput, gradInput, n, *sizes)


def SoftMaxTree_accGradParameters(
    x: Any, path: Any, logp: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, scale: float
) -> None:
    rows, columns = gradWeight.shape
    arrays = x, on_gpu(path), logp, gradOutput, gradWeight, gradBias
    grid = rows, min(64, columns // 128 + 1)
    _launch("tree_to_weight<T>", x.dtype, grid, 128, *arrays, *path.shape[:2], columns, logp.shape[1], scale)
