"""The sums that the gradients of weight and bias are made of, and how they are added to those."""

from __future__ import annotations

from typing import NamedTuple

from ...gemm.transpose import transposer
from ...runtime.jit import compact, inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import bound
from ...runtime.records import Float, Int, Pointer, Table
from ...simd import registers as simd
from ..blocks import packed_block

_transpose = transposer()


class Sums(NamedTuple):
    """[group][chunk][block of outputs][row, and at last the bias][width]; a chunk has ``size`` elements."""

    data: Pointer
    size: Int
    chunks: Int
    #: Outputs with those that fill the last block, and into how many splits they are divided.
    padded: Int
    splits: Int
    has_bias: Int


class Weights(NamedTuple):
    """gradWeight, [group][output][weight], the row of the sums of each weight of an output, and gradBias."""

    data: Pointer
    bias: Pointer
    groups: Int
    outputs: Int
    count: Int
    rows: Int
    order: Table


@inner
def _total(sums, size, chunks):
    """The sum of one vector of every chunk."""
    total = simd.load(sums, 0)
    for chunk in range(1, chunks):
        total += simd.load(sums, chunk * size)
    return total


@inner
def _add_rows(own, sums, weights, width, e, tile):
    """tile[j] = the sums of weight e + j of a vector of outputs, a vector's length of weights at most."""
    lanes = simd.lanes(tile)
    for j in range(min(lanes, weights.count - e)):
        row = simd.at(own, simd.get(weights.order, e + j) * width)
        simd.store(tile, j * lanes, _total(row, sums.size, sums.chunks))


@parallel_region
@compact
def finish(sums: Sums, weights: Weights, scale: Float, work: Pointer, part, parts):
    """gradWeight += scale * sums of the chunks, gradBias likewise; a vector of outputs is a job."""
    lanes, rows = simd.lanes(work), weights.rows
    tile = simd.at(work, part * 2 * lanes * lanes)
    turned = simd.at(tile, lanes * lanes)
    blocks = (weights.outputs + lanes - 1) // lanes
    jobs = weights.groups * blocks
    for job in range(bound(jobs, part, parts, 1), bound(jobs, part + 1, parts, 1)):
        group, o = job // blocks, job % blocks * lanes
        start, width = packed_block(o, weights.outputs, lanes)
        own = simd.at(sums.data, group * sums.chunks * sums.size + start * (rows + 1) + o - start)
        many, first = min(lanes, weights.outputs - o), group * weights.outputs + o
        for e in range(0, weights.count, lanes):
            _add_rows(own, sums, weights, width, e, tile)
            count = min(lanes, weights.count - e)
            _transpose(tile, lanes, turned, lanes)
            for q in range(many):
                at = (first + q) * weights.count + e
                value = simd.fma(simd.load(turned, q * lanes), scale, simd.load_first(weights.data, at, count))
                simd.store_first(weights.data, at, value, count)
        if sums.has_bias:
            value = _total(simd.at(own, rows * width), sums.size, sums.chunks)
            value = simd.fma(value, scale, simd.load_first(weights.bias, first, many))
            simd.store_first(weights.bias, first, value, many)
