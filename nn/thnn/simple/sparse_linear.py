"""SparseLinear: ``y = W x + b`` where x is a list of entries ``(sample, index, value)``, both numbers 1-based.

Threads share out the outputs, that is, the rows of W; every element is added up in the order of the entries.
"""

from __future__ import annotations

from typing import Any

from numba import prange

from ..cpu.runtime.jit import kernel, parallel
from ..cpu.runtime.partition import threads


@kernel
def _products(entries, weight, bias, y, low, high):
    for o in range(low, high):
        row = weight[o]
        for n in range(y.shape[0]):
            y[n, o] = bias[o]
        for e in range(entries.shape[0]):
            if entries[e, 2] != 0:
                y[int(entries[e, 0]) - 1, o] += row[int(entries[e, 1]) - 1] * entries[e, 2]


@parallel
def _products_parallel(entries, weight, bias, y, parts):
    for t in prange(parts):
        _products(entries, weight, bias, y, len(weight) * t // parts, len(weight) * (t + 1) // parts)


@kernel
def _gradients(entries, dy, dw, db, scale, low, high):
    for o in range(low, high):
        row = dw[o]
        for e in range(entries.shape[0]):
            if entries[e, 2] != 0:
                row[int(entries[e, 1]) - 1] += scale * dy[int(entries[e, 0]) - 1, o] * entries[e, 2]
        for n in range(dy.shape[0]):
            db[o] += scale * dy[n, o]


@parallel
def _gradients_parallel(entries, dy, dw, db, scale, parts):
    for t in prange(parts):
        _gradients(entries, dy, dw, db, scale, len(dw) * t // parts, len(dw) * (t + 1) // parts)


@kernel
def _columns_step(columns, weight, gradWeight, lr):
    for o in range(len(weight)):
        row, grad = weight[o], gradWeight[o]
        for c in columns:
            if c < row.size:
                row[c] -= lr * grad[c]


def SparseLinear_updateOutput(entries: Any, output: Any, weight: Any, bias: Any) -> None:
    """``output = input weight^T + bias``"""
    parts = threads(2.0 * len(entries) * len(weight))
    if parts == 1:
        _products(entries, weight, bias, output, 0, len(weight))
    else:
        _products_parallel(entries, weight, bias, output, parts)


def SparseLinear_accGradParameters(entries: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, scale: float) -> None:
    """Add ``scale`` times the gradients of weight, at the entries' columns, and of bias."""
    scale = gradWeight.dtype.type(scale)
    parts = threads(2.0 * len(entries) * len(gradWeight))
    if parts == 1:
        _gradients(entries, gradOutput, gradWeight, gradBias, scale, 0, len(gradWeight))
    else:
        _gradients_parallel(entries, gradOutput, gradWeight, gradBias, scale, parts)


def SparseLinear_updateParameters(columns: Any, weight: Any, gradWeight: Any, learningRate: float) -> None:
    """``weight -= learningRate * gradWeight`` in the columns numbered, 0-based and each once, in ``columns``."""
    _columns_step(columns, weight, gradWeight, weight.dtype.type(learningRate))
