"""SparseLinear: ``y = W x + b`` where x is a list of entries ``(sample, index, value)``, both numbers 1-based.

Threads share out the outputs, that is, the rows of W; every element is added up in the order of the entries.
"""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import kernel
from ..cpu.runtime.partition import ranged


@ranged
def _products(low, high, entries, weight, bias, y):
    for o in range(low, high):
        row = weight[o]
        for n in range(y.shape[0]):
            y[n, o] = bias[o]
        for e in range(entries.shape[0]):
            if entries[e, 2] != 0:
                y[int(entries[e, 0]) - 1, o] += row[int(entries[e, 1]) - 1] * entries[e, 2]


@ranged
def _gradients(low, high, entries, dy, dw, db, scale):
    for o in range(low, high):
        row = dw[o]
        for e in range(entries.shape[0]):
            if entries[e, 2] != 0:
                row[int(entries[e, 1]) - 1] += scale * dy[int(entries[e, 0]) - 1, o] * entries[e, 2]
        for n in range(dy.shape[0]):
            db[o] += scale * dy[n, o]


@kernel
def _columns_step(columns, weight, gradWeight, lr):
    for o in range(len(weight)):
        row, grad = weight[o], gradWeight[o]
        for c in columns:
            if c < row.size:
                row[c] -= lr * grad[c]


def SparseLinear_updateOutput(entries: Any, output: Any, weight: Any, bias: Any) -> None:
    """``output = input weight^T + bias``"""
    _products(len(weight), 2.0 * len(entries) * len(weight), entries, weight, bias, output)


def SparseLinear_accGradParameters(entries: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, scale: float) -> None:
    """Add ``scale`` times the gradients of weight, at the entries' columns, and of bias."""
    scale = gradWeight.dtype.type(scale)
    nanoseconds = 2.0 * len(entries) * len(gradWeight)
    _gradients(len(gradWeight), nanoseconds, entries, gradOutput, gradWeight, gradBias, scale)


def SparseLinear_updateParameters(columns: Any, weight: Any, gradWeight: Any, learningRate: float) -> None:
    """``weight -= learningRate * gradWeight`` in the columns numbered, 0-based and each once, in ``columns``."""
    _columns_step(columns, weight, gradWeight, weight.dtype.type(learningRate))
