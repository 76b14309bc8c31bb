"""Normalisation of the rows of a matrix: layer, group and root-mean-square normalisation.

Sums are in double precision. ``centred`` subtracts the mean; without it rows are divided by their root mean square.
"""

from __future__ import annotations

import math
from typing import Any

from ..cpu.runtime.partition import ranged


@ranged
def _forward(low, high, x, y, saved, centred, eps):
    n = x.shape[1]
    for r in range(low, high):
        row, target = x[r], y[r]
        mean = 0.0
        if centred:
            for i in range(n):
                mean += row[i]
            mean /= n
        squares = 0.0
        for i in range(n):
            d = row[i] - mean
            squares += d * d
        inverse = 1 / math.sqrt(squares / n + eps)
        saved[0, r], saved[1, r] = mean, inverse
        for i in range(n):
            target[i] = (row[i] - mean) * inverse


@ranged
def _backward(low, high, x, d, dx, saved, centred):
    n = x.shape[1]
    for r in range(low, high):
        row, flow, target = x[r], d[r], dx[r]
        mean, inverse = saved[0, r], saved[1, r]
        total, dot = 0.0, 0.0
        for i in range(n):
            total += flow[i]
            dot += flow[i] * (row[i] - mean)
        center = total / n if centred else 0.0
        slope = dot * inverse * inverse / n
        for i in range(n):
            target[i] = (flow[i] - center - (row[i] - mean) * slope) * inverse


def RowNormalization_updateOutput(input: Any, output: Any, saved: Any, centred: bool, eps: float) -> None:
    """``output = (input - mean) / sqrt(var + eps)`` of every row; ``saved``: 2 x rows, mean and inverse deviation."""
    _forward(len(input), 3.0 * input.size, input, output, saved, centred, float(eps))


def RowNormalization_updateGradInput(input: Any, gradOutput: Any, gradInput: Any, saved: Any, centred: bool) -> None:
    """``gradInput = (g - mean(g) - xhat mean(g xhat)) / sqrt(var + eps)`` of every row, for the normalised ``xhat``."""
    _backward(len(input), 3.0 * input.size, input, gradOutput, gradInput, saved, centred)
