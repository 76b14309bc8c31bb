"""LookupTable: rows of a matrix, their gradients and their norms. Indices are 1-based and in range.

Gradients are divided among threads by columns, so that every element is added up in one order.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.jit import inner, kernel
from ..cpu.runtime.partition import ranged
from ..cpu.simd import registers as simd

#: Columns, at least, that a thread takes.
LEAST_COLUMNS = 16
#: Nanoseconds of an element for :func:`threads`; less than it takes one thread, which has the rows of the last
#: step in its cache as long as they fit there.
ACCUMULATE = 0.03
#: And of copying it.
COPY = 0.2
#: Vectors of a row that are asked for, and how many rows before it is copied: the processor sees where a row leads, but
#: not where the next one begins.
BEGINNING, AHEAD = 8, 2


@inner
def _copy_row(source, target, size):
    """A row of any length: whole vectors, and the rest."""
    whole = size - size % simd.lanes(source)
    for j in range(0, whole, simd.lanes(source)):
        simd.store(target, j, simd.load(source, j))
    if whole < size:
        simd.store_first(target, whole, simd.load_first(source, whole, size - whole), size - whole)


@inner
def _add_row(source, factor, target, size):
    """``target += factor source``, rounded once, as it would be in a plain loop"""
    whole = size - size % simd.lanes(source)
    for j in range(0, whole, simd.lanes(source)):
        simd.store(target, j, simd.fma(simd.load(source, j), factor, simd.load(target, j)))
    if whole < size:
        rest = size - whole
        v = simd.fma(simd.load_first(source, whole, rest), factor, simd.load_first(target, whole, rest))
        simd.store_first(target, whole, v, rest)


@ranged
def _gather(low, high, indices, weight, output):
    columns = weight.shape[1]
    beginning = min(columns, BEGINNING * simd.lanes(weight))
    for n in range(low, high):
        following = simd.at(weight, (indices[min(n + AHEAD, high - 1)] - 1) * columns)
        for j in range(0, beginning, simd.lanes(weight)):
            simd.prefetch(following, j)
        _copy_row(simd.at(weight, (indices[n] - 1) * columns), simd.at(output, n * columns), columns)


def LookupTable_updateOutput(indices: Any, weight: Any, output: Any) -> None:
    """``output[n] = weight[indices[n]]``"""
    _gather(indices.size, COPY * output.size, indices, weight, output)


@ranged
def _accumulate(low, high, indices, dy, dw, counts, padding, scale):
    columns = dw.shape[1]
    for n in range(indices.size):
        index = indices[n]
        if index != padding:
            factor = scale / dw.dtype.type(counts[index - 1]) if counts.size else scale
            at = simd.at(dw, (index - 1) * columns + low)
            _add_row(simd.at(dy, n * columns + low), factor, at, high - low)


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
