"""Embedding and EmbeddingBag: rows of a matrix by their numbers, and sums, means and the largest of those of a bag.

Indices count from 0, and :func:`EmbeddingBag_outside` tells whether they are in range. Bag b has those from ``ends[b]``
to ``ends[b + 1]``; without ends it has the b-th alone. ``factors``, one an index, may be None. ``padding`` is an index
that counts for nothing, or -1. Gradients are added to what is there; they are divided among threads by columns, so that
every element is added up in one order.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from ..cpu.runtime.jit import inlined, inner, kernel
from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd

#: Columns, at least, that a thread takes: whole lines of the cache.
LEAST_COLUMNS = 16
#: Nanoseconds of an element that is copied, and of one that is added.
COPY, ADD = 0.12, 0.1


class Bags(NamedTuple):
    """What belongs together: indices, ends, factors, padding, and whether the sum is divided by the number of rows."""

    indices: Any
    ends: Any
    factors: Any
    padding: int
    mean: bool


@kernel
def EmbeddingBag_outside(indices, rows):
    """How many of the indices are not from 0 to ``rows - 1``, less one: -1 if all are."""
    count = 0
    for i in range(indices.size):
        count += (indices[i] < 0) | (indices[i] >= rows)
    return count - 1


@inner
def _first(ends, b):
    """Where bag b begins, or the bag before it ends."""
    return b if ends is None else ends[b]


@inner
def _factor(factors, n):
    return 1.0 if factors is None else factors[n]


@inner
def _share(bags, b):
    """One by the number of rows of a bag, if the mean is wanted."""
    if not bags.mean:
        return 1.0
    count = 0
    for n in range(_first(bags.ends, b), _first(bags.ends, b + 1)):
        count += bags.indices[n] != bags.padding
    return 1.0 / max(1, count)


@ranged
def _gather(low, high, indices, weight, columns, output):
    width = simd.lanes(weight)
    full = columns - columns % width
    for n in range(low, high):
        source, target = indices[n] * columns, n * columns
        for j in range(0, full, width):
            simd.store(output, target + j, simd.load(weight, source + j))
        if full < columns:
            rest = columns - full
            simd.store_first(output, target + full, simd.load_first(weight, source + full, rest), rest)


@inlined
def _sum_block(bags, b, weight, columns, at, share, output):
    """Four vectors of the sum of a bag, from column ``at`` on."""
    width = simd.lanes(weight)
    s = t = u = v = simd.splat(weight, 0)
    for n in range(_first(bags.ends, b), _first(bags.ends, b + 1)):
        if bags.indices[n] != bags.padding:
            place, f = bags.indices[n] * columns + at, _factor(bags.factors, n)
            s = simd.fma(simd.load(weight, place), f, s)
            t = simd.fma(simd.load(weight, place + width), f, t)
            u = simd.fma(simd.load(weight, place + 2 * width), f, u)
            v = simd.fma(simd.load(weight, place + 3 * width), f, v)
    target = b * columns + at
    simd.store(output, target, s * share)
    simd.store(output, target + width, t * share)
    simd.store(output, target + 2 * width, u * share)
    simd.store(output, target + 3 * width, v * share)


@inlined
def _sum_rest(bags, b, weight, columns, at, share, output):
    """A vector of the sum of a bag, or what is left of one."""
    rest, total = columns - at, simd.splat(weight, 0)
    for n in range(_first(bags.ends, b), _first(bags.ends, b + 1)):
        if bags.indices[n] != bags.padding:
            row = simd.load_first(weight, bags.indices[n] * columns + at, rest)
            total = simd.fma(row, _factor(bags.factors, n), total)
    simd.store_first(output, b * columns + at, total * share, rest)


@ranged
def _add_up(low, high, bags, weight, columns, output):
    block = 4 * simd.lanes(weight)
    full = columns - columns % block
    for b in range(low, high):
        share = _share(bags, b)
        for at in range(0, full, block):
            _sum_block(bags, b, weight, columns, at, share, output)
        for at in range(full, columns, simd.lanes(weight)):
            _sum_rest(bags, b, weight, columns, at, share, output)


@inner
def _larger_of_row(source, row, target, best):
    """The larger of each column, and the row it came from."""
    for j in range(target.size):
        if best[j] < 0 or source[j] > target[j]:
            target[j], best[j] = source[j], row


@ranged
def _maxima(low, high, bags, weight, output, best):
    for b in range(low, high):
        output[b, :], best[b, :] = 0, -1
        for n in range(bags.ends[b], bags.ends[b + 1]):
            if bags.indices[n] != bags.padding:
                _larger_of_row(weight[bags.indices[n]], bags.indices[n], output[b], best[b])


@inner
def _add_row(dy, source, factor, dw, target, count):
    """``count`` elements of dw += factor * those of dy"""
    width = simd.lanes(dw)
    full = count - count % width
    for j in range(0, full, width):
        simd.store(dw, target + j, simd.fma(simd.load(dy, source + j), factor, simd.load(dw, target + j)))
    if full < count:
        v = simd.fma(simd.load_first(dy, source + full, count - full), factor,
                     simd.load_first(dw, target + full, count - full))  # fmt: skip
        simd.store_first(dw, target + full, v, count - full)


@ranged
def _accumulate(low, high, bags, dy, dw, columns, uses, scale):
    """Columns ``low`` to ``high``; ``uses``: how often each row is used, which divides, or None."""
    dy_, dw_, indices = simd.at(dy, 0), simd.at(dw, 0), bags.indices
    for b in range(dy.size // columns):
        share = scale * _share(bags, b)
        for n in range(_first(bags.ends, b), _first(bags.ends, b + 1)):
            row = indices[n]
            if row != bags.padding:
                factor = share * _factor(bags.factors, n) / (1.0 if uses is None else uses[row])
                _add_row(dy_, b * columns + low, factor, dw_, row * columns + low, high - low)


@ranged
def _scatter(low, high, best, dy, dw, columns, scale):
    for b in range(dy.size // columns):
        for j in range(b * columns + low, b * columns + high):
            if best[j] >= 0:
                dw[best[j] * columns + j - b * columns] += scale * dy[j]


def EmbeddingBag_gather(indices: Any, weight: Any, output: Any) -> None:
    """``output[n] = weight[indices[n]]``"""
    _gather(indices.size, COPY * output.size, indices, flat(weight), weight.shape[1], flat(output))


def EmbeddingBag_updateOutput(bags: tuple, weight: Any, output: Any) -> None:
    """``output[b]``, the sum or the mean of ``factors[n] * weight[indices[n]]``; ``bags``: what :class:`Bags` says."""
    bags = Bags(*bags)
    _add_up(len(output), ADD * bags.indices.size * weight.shape[1], bags, flat(weight), weight.shape[1], flat(output))


def EmbeddingBag_maxima(bags: tuple, weight: Any, output: Any, best: Any) -> None:
    """The largest of each column, and the row it came from; 0 and -1 in an empty bag."""
    bags = Bags(*bags)
    _maxima(len(output), 0.8 * bags.indices.size * weight.shape[1], bags, weight, output, best)


def EmbeddingBag_accGradParameters(bags: tuple, gradOutput: Any, gradWeight: Any, uses: Any, scale: float) -> None:
    """``gradWeight[indices[n]] += scale * factors[n] * gradOutput[b]``, divided by ``uses`` of the row, if given."""
    bags, columns = Bags(*bags), gradWeight.shape[1]
    arrays = bags, flat(gradOutput), flat(gradWeight), columns, uses, float(scale)
    _accumulate(columns, ADD * bags.indices.size * columns, *arrays, unit=LEAST_COLUMNS)


def EmbeddingBag_accGradMaxima(best: Any, gradOutput: Any, gradWeight: Any, scale: float) -> None:
    """``scale`` times every gradient goes to where the maximum came from."""
    columns = gradWeight.shape[1]
    arrays = flat(best), flat(gradOutput), flat(gradWeight), columns, gradWeight.dtype.type(scale)
    _scatter(columns, 2.0 * gradOutput.size, *arrays, unit=LEAST_COLUMNS)
