"""Launches of embedding_bag.cu. Indices are sorted on the GPU: every sum has one order, without atomics."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cuda.results import Fault
from ..cuda.runtime import blocks, kernels

_launch = kernels(__name__)


def EmbeddingBag_outside(indices: Any, rows: int) -> Fault:
    arguments = "outside_rows<T>", np.dtype(np.float64), (1,), 256, indices
    return Fault(lambda slot: _launch(*arguments, slot, indices.size, rows))


def EmbeddingBag_gather(indices: Any, weight: Any, output: Any) -> None:
    sizes = output.size, *weight.shape[::-1]
    _launch.each("gather_rows", output.size, weight, indices, weight, output, *sizes)


def EmbeddingBag_updateOutput(bags: tuple, weight: Any, output: Any) -> None:
    *arrays, padding, mean = bags
    sizes = output.size, *weight.shape[::-1], padding, mean
    _launch.each("add_bags", output.size, weight, *arrays, weight, output, *sizes)


def EmbeddingBag_maxima(bags: tuple, weight: Any, output: Any, best: Any) -> None:
    indices, ends, _, padding, _ = bags
    sizes = output.size, *weight.shape[::-1], padding
    _launch.each("largest_of_bags", output.size, weight, indices, ends, weight, output, best, *sizes)


def EmbeddingBag_accGradParameters(bags: tuple, gradOutput: Any, gradWeight: Any, uses: Any, scale: float) -> None:
    indices, ends, factors, padding, mean = bags
    rows, columns = gradWeight.shape
    if indices.size and columns:
        order = indices.argsort().astype(np.int64, copy=False)
        arrays = indices, indices[order], order, ends, factors, uses, gradOutput, gradWeight
        sizes = indices.size, gradOutput.size // columns, columns, rows, padding, mean, scale
        grid = *blocks(indices.size, 1), -(-columns // 128)
        _launch("add_to_rows<T>", gradWeight.dtype, grid, 128, *arrays, *sizes)


def EmbeddingBag_accGradMaxima(best: Any, gradOutput: Any, gradWeight: Any, scale: float) -> None:
    sizes = gradWeight.shape[1], len(gradOutput), scale
    _launch.each("add_to_maxima", gradWeight.shape[1], gradWeight, best, gradOutput, gradWeight, *sizes)
