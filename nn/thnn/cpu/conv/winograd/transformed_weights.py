"""The weights of Winograd's convolution in its domain, U[point][block of outputs][channel][width of the block].

Of 4 x 4 weights with a stride of 2 each other one, by rows and columns, belongs to the same phase. Forward the phases
are channels side by side, [phase][channel]; backward each has a U of its own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ...gemm.transpose import edge_transposer, transposer
from ...runtime.isa import lanes_of
from ...runtime.jit import inner
from ...runtime.parallel import Region, parallel_region
from ...runtime.partition import LAUNCH, aligned, bound, threads
from ...runtime.records import Int, Pointer
from ...runtime.workspace import take
from ...simd import registers as simd
from ..blocks import packed_block
from .transforms import POINTS, five_taps, linear, taps, transform

#: Of a vector of float32, the only type that this is for.
LANES = lanes_of(4)


def in_vectors(region: Region, lanes: int) -> Region:
    """The code of a region for so many lanes: those of a vector, or half of them."""
    return region if lanes == LANES else region.halved


_transpose = transposer()
_transpose_edge = edge_transposer()
_taps3, _taps5 = taps(3), taps(5)
_flipped3, _flipped5 = taps(3, True), taps(5, True)
_taps2, _flipped2 = transform(linear(five_taps(2)), 2, 5), transform(linear(five_taps(2)), 2, 5, True)


class Weights(NamedTuple):
    """Weights [output][channel][k][k] and their transform U, [point][block of outputs][row][width of the block].

    ``wide``: outputs in whole vectors; ``rows``: channels of all phases, in whole vectors, filled up with zeros; with
    half vectors just the channels. ``odd``: whether the border is odd, and phase 0 of a gradient meets odd taps.
    """

    data: Pointer
    outputs: Int
    channels: Int
    k: Int
    wide: Int
    rows: Int
    u: Pointer
    odd: Int


@inner
def _turn(source, stride, rows, columns, count, tmp):
    """tmp[tap][output] of ``count`` taps of a vector of outputs; zeros for those from number ``columns`` on."""
    lanes = simd.lanes(tmp)
    for e in range(0, count, lanes):
        if rows >= lanes and columns - e >= lanes:
            _transpose(simd.at(source, e), stride, simd.at(tmp, e * lanes), lanes)
        else:
            seen = simd.at(source, min(e, columns - 1))  # nothing is read where nothing is
            _transpose_edge(seen, stride, rows, columns - e, simd.at(tmp, e * lanes), lanes)


@parallel_region
def transform_weights(weights: Weights, work: Pointer, part, parts):
    """U of some outputs."""
    outputs, channels, k2, lanes = weights.outputs, weights.channels, weights.k * weights.k, simd.lanes(work)
    tmp = simd.at(work, part * (k2 + 1) * lanes * lanes)
    blocks, depth = weights.wide // lanes, weights.rows // (4 if weights.k == 4 else 1)
    for block in range(bound(blocks, part, parts, 1), bound(blocks, part + 1, parts, 1)):
        o = block * lanes
        start, width = packed_block(o, weights.wide, lanes)
        for c in range(0, channels, lanes):
            source, used = simd.at(weights.data, (o * channels + c) * k2), min(lanes, depth - c)
            _turn(source, channels * k2, outputs - o, (channels - c) * k2, used * k2, tmp)
            for q in range(used):
                target = simd.at(weights.u, start * weights.rows + (c + q) * width + o - start)
                point = weights.rows * weights.wide
                _taps(simd.at(tmp, q * k2 * lanes), weights.k, lanes, target, point, depth * width)


@parallel_region
def transform_weights_back(weights: Weights, work: Pointer, part, parts):
    """The same with input and output changed places and the taps rotated by 180 degrees."""
    outputs, channels, k2, lanes = weights.outputs, weights.channels, weights.k * weights.k, simd.lanes(work)
    tmp = simd.at(work, part * (k2 + lanes) * lanes)
    for o in range(bound(weights.rows, part, parts, 1), bound(weights.rows, part + 1, parts, 1)):
        for c in range(0, outputs, lanes):
            start, width = packed_block(c, weights.wide, lanes)
            for e in range(0, k2, lanes):
                source = simd.at(weights.data, (min(o, channels - 1) * outputs + c) * k2 + e)
                taps = k2 - e if o < channels else 0
                _transpose_edge(source, k2, outputs - c, taps, simd.at(tmp, e * lanes), lanes)
            target = simd.at(weights.u, start * weights.rows + o * width + c - start)
            _rotated(tmp, weights.k, lanes, target, weights.rows * weights.wide, weights.odd)


@inner
def _taps(tmp, k, lanes, target, point, phase):
    """The values of taps; from a phase to the next are ``phase`` elements of U."""
    if k == 3:
        _taps3(tmp, 3 * lanes, lanes, target, 6 * point, point, tmp)
    elif k == 5:
        _taps5(tmp, 5 * lanes, lanes, target, 6 * point, point, tmp)
    else:
        for n in range(4):
            source, u = simd.at(tmp, (n // 2 * 4 + n % 2) * lanes), simd.at(target, n * phase)
            _taps2(source, 8 * lanes, 2 * lanes, u, 5 * point, point, tmp)


@inner
def _rotated(tmp, k, lanes, target, point, odd):
    """The values of rotated taps; phase n of 4 x 4 has a U of its own."""
    if k == 3:
        _flipped3(tmp, 3 * lanes, lanes, target, 6 * point, point, tmp)
    elif k == 5:
        _flipped5(tmp, 5 * lanes, lanes, target, 6 * point, point, tmp)
    else:
        for n in range(4):
            first = (n // 2 + odd) % 2 * 4 + (n % 2 + odd) % 2
            u = simd.at(target, n * 25 * point)
            _flipped2(simd.at(tmp, first * lanes), 8 * lanes, 2 * lanes, u, 5 * point, point, tmp)


@lru_cache(maxsize=64)
def _plan(outputs: int, channels: int, k: int, back: bool, lanes: int) -> tuple[int, int, int, Region]:
    """The rows of U, its outputs in whole vectors, all its elements, and the code that makes it."""
    phases = 4 if k == 4 and not back else 1
    rows, wide = aligned(channels, lanes) * phases if lanes == LANES else channels, aligned(outputs, lanes)
    elements = (POINTS**2 if k != 4 else 100 if back else 25) * rows * wide
    return rows, wide, elements, in_vectors(transform_weights_back if back else transform_weights, lanes)


def transformed(weight: np.ndarray, back: bool, pad: int, lanes: int) -> np.ndarray:
    """U of the weights, or of the weights rotated by 180 degrees, whose outputs are the channels."""
    k, (outputs, channels) = weight.shape[-1], weight.shape[:2]
    if back:
        outputs, channels = channels, outputs
    rows, wide, elements, transform = _plan(outputs, channels, k, back, lanes)
    # A nanosecond for each weight.
    parts = 1 if weight.size < LAUNCH else threads(weight.size)
    u = take("weights", weight.dtype, elements)
    work = take("taps", weight.dtype, parts * (k * k + lanes) * lanes * lanes)
    transform(parts, Weights(weight, outputs, channels, k, wide, rows, u, pad % 2), work)
    return u
