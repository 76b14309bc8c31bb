"""EmbeddingBag: the rows of a matrix that belong to a bag, added up, or their largest numbers.

Indices count from 0; bag b has those from ``ends[b]`` to ``ends[b + 1]``. A factor of 0 leaves an index out. Gradients
are divided among threads by columns, so that every element is added up in one order.
"""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import kernel
from ..cpu.runtime.partition import ranged

#: Columns, at least, that a thread takes.
LEAST_COLUMNS = 16


@kernel
def _add_row(source, factor, target):
    """target += factor * source, unless the factor is 0"""
    if factor != 0:
        for j in range(target.size):
            target[j] += factor * source[j]


@kernel
def _larger_of_row(source, n, target, place):
    """The larger of each column, and where it came from."""
    for j in range(target.size):
        if place[j] < 0 or source[j] > target[j]:
            target[j], place[j] = source[j], n


@ranged
def _add_up(low, high, indices, ends, factors, weight, output):
    for b in range(low, high):
        target = output[b]
        target[:] = 0
        for n in range(ends[b], ends[b + 1]):
            _add_row(weight[indices[n]], factors[n], target)


@ranged
def _maxima(low, high, indices, ends, factors, weight, output, best):
    for b in range(low, high):
        target, place = output[b], best[b]
        target[:], place[:] = 0, -1
        for n in range(ends[b], ends[b + 1]):
            if factors[n] != 0:
                _larger_of_row(weight[indices[n]], n, target, place)


@ranged
def _accumulate(low, high, indices, ends, factors, dy, dw):
    for b in range(dy.shape[0]):
        source = dy[b, low:high]
        for n in range(ends[b], ends[b + 1]):
            _add_row(source, factors[n], dw[indices[n], low:high])


@ranged
def _scatter(low, high, indices, best, dy, dw):
    for b in range(dy.shape[0]):
        for j in range(low, high):
            if best[b, j] >= 0:
                dw[indices[best[b, j]], j] += dy[b, j]


def EmbeddingBag_updateOutput(indices: Any, ends: Any, factors: Any, weight: Any, output: Any) -> None:
    """``output[b]``, the sum of ``factors[n] * weight[indices[n]]``."""
    arrays = indices, ends, factors, weight, output
    _add_up(len(output), 0.15 * indices.size * weight.shape[1], *arrays)


def EmbeddingBag_maxima(indices: Any, ends: Any, factors: Any, weight: Any, output: Any, best: Any) -> None:
    """The largest of each column, and the n it came from; 0 and -1 in an empty bag."""
    arrays = indices, ends, factors, weight, output, best
    _maxima(len(output), 0.8 * indices.size * weight.shape[1], *arrays)


def EmbeddingBag_accGradParameters(indices: Any, ends: Any, factors: Any, gradOutput: Any, gradWeight: Any) -> None:
    """``gradWeight[indices[n]] += factors[n] * gradOutput[b]``"""
    work = 0.1 * indices.size * gradWeight.shape[1]
    _accumulate(gradWeight.shape[1], work, indices, ends, factors, gradOutput, gradWeight, unit=LEAST_COLUMNS)


def EmbeddingBag_accGradMaxima(indices: Any, best: Any, gradOutput: Any, gradWeight: Any) -> None:
    """Every gradient goes to where the maximum came from."""
    work = 1.0 * gradOutput.size
    _scatter(gradWeight.shape[1], work, indices, best, gradOutput, gradWeight, unit=LEAST_COLUMNS)
