"""Launches of sparse_linear.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import kernels

_launch = kernels(__name__)


def SparseLinear_updateOutput(entries: Any, output: Any, weight: Any, bias: Any) -> None:
    sizes = len(entries), len(output), *weight.shape
    _launch.each("sparse_products", len(weight), weight, entries, weight, bias, output, *sizes)


def SparseLinear_accGradParameters(entries: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, scale: float) -> None:
    sizes = len(entries), len(gradOutput), *gradWeight.shape
    arrays = entries, gradOutput, gradWeight, gradBias
    _launch.each("sparse_gradients", len(gradWeight), gradWeight, *arrays, *sizes, scale)


def SparseLinear_updateParameters(columns: Any, weight: Any, gradWeight: Any, learningRate: float) -> None:
    n, sizes = len(weight) * columns.size, (columns.size, weight.shape[1])
    _launch.each("sparse_steps", n, weight, columns, weight, gradWeight, n, *sizes, learningRate)
