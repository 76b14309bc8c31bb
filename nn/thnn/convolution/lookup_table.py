"""LookupTable: rows of a matrix, their gradients and their norms. Indices are 1-based and in range.

Gradients are divided among threads by columns, so that every element is added up in one order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.jit import kernel
from ..cpu.runtime.partition import ranged

#: Columns, at least, that a thread takes.
LEAST_COLUMNS = 16
#: Nanoseconds of an element for :func:`threads`; less than it takes one thread, which has the rows of the last
#: step in its cache as long as they fit there.
ACCUMULATE = 0.03
#: And of copying it.
COPY = 0.2


@ranged
def _gather(low, high, indices, weight, output):
    for n in range(low, high):
        source, target = weight[indices[n] - 1], output[n]
        for j in range(target.size):
            target[j] = source[j]


def LookupTable_updateOutput(indices: Any, weight: Any, output: Any) -> None:
    """``output[n] = weight[indices[n]]``"""
    _gather(indices.size, COPY * output.size, indices, weight, output)


@ranged
def _accumulate(low, high, indices, dy, dw, counts, padding, scale):
    for n in range(indices.size):
        index = indices[n]
        if index != padding:
            factor = scale / dw.dtype.type(counts[index - 1]) if counts.size else scale
            source, target = dy[n, low:high], dw[index - 1, low:high]
            for j in range(target.size):
                target[j] += factor * source[j]


def LookupTable_accGradParameters(
    indices: Any, gradOutput: Any, gradWeight: Any, counts: Any, paddingValue: int, scale: float
) -> None:
    """``gradWeight[indices[n]] += scale * gradOutput[n]`` but for the padding, divided by the ``counts`` of the row."""
    counts = indices[:0] if counts is None else counts
    scale = gradWeight.dtype.type(scale)
    arguments = indices, gradOutput, gradWeight, counts, paddingValue, scale
    _accumulate(gradWeight.shape[1], ACCUMULATE * gradOutput.size, *arguments, unit=LEAST_COLUMNS)


@kernel
def _limit(rows, weight, max_norm, p):
    for k in range(rows.size):
        row = weight[rows[k] - 1]
        total = 0.0
        for j in range(row.size):
            a = abs(row[j])
            total += a if p == 1 else np.float64(a) * a if p == 2 else np.float64(a) ** p
        norm = total ** (1 / p)
        if norm > max_norm:
            factor = row.dtype.type(max_norm / (norm + 1e-7))
            for j in range(row.size):
                row[j] *= factor


def LookupTable_renorm(rows: Any, weight: Any, maxNorm: float, normType: float) -> None:
    """Scale the rows numbered in ``rows``, each once, that have a larger norm down to ``maxNorm``."""
    _limit(rows, weight, float(maxNorm), float(normType))
