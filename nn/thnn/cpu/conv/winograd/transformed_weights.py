"""The weights of Winograd's convolution in its domain, U[point][block of outputs][channel][width of the block].

Of 4 x 4 weights with a stride of 2 each other one, by rows and columns, belongs to the same phase. Forward the phases
are channels side by side, [phase][channel]; backward each has a U of its own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...gemm.transpose import edge_transposer, transposer
from ...runtime.isa import lanes_of
from ...runtime.jit import inner, kernel
from ...runtime.parallel import parallel_region
from ...runtime.partition import LAUNCH, bound, ceil_div, threads
from ...runtime.records import Int, Pointer
from ...runtime.workspace import take
from ...simd import registers as simd
from ..blocks import packed_block
from .transforms import five_taps, linear, taps, transform

#: Of a vector of float32, the only type that this is for.
LANES = lanes_of(4)

_transpose = transposer()
_transpose_edge = edge_transposer()
_taps3, _taps5 = taps(3), taps(5)
_flipped3, _flipped5 = taps(3, True), taps(5, True)
_taps2, _flipped2 = transform(linear(five_taps(2)), 2, 5), transform(linear(five_taps(2)), 2, 5, True)


class Weights(NamedTuple):
    """Weights [output][channel][k][k] and their transform U, [point][block of outputs][channel][width].

    ``odd``: whether the border is odd, and phase 0 of a gradient meets odd taps.
    """

    data: Pointer
    outputs: Int
    channels: Int
    k: Int
    u: Pointer
    odd: Int


@parallel_region
def transform_weights(weights: Weights, work: Pointer, part, parts):
    """U of some outputs."""
    outputs, channels, k2, lanes = weights.outputs, weights.channels, weights.k * weights.k, simd.lanes(work)
    tmp = simd.at(work, part * (k2 + 1) * lanes * lanes)
    blocks, wide = outputs // lanes, channels * (4 if weights.k == 4 else 1)
    for block in range(bound(blocks, part, parts, 1), bound(blocks, part + 1, parts, 1)):
        o = block * lanes
        start, width = packed_block(o, outputs, lanes)
        for c in range(0, channels, lanes):
            for e in range(0, lanes * k2, lanes):
                source = simd.at(weights.data, o * channels * k2 + c * k2 + e)
                _transpose(source, channels * k2, simd.at(tmp, e * lanes), lanes)
            for q in range(lanes):
                target = simd.at(weights.u, start * wide + (c + q) * width + o - start)
                _taps(simd.at(tmp, q * k2 * lanes), weights.k, lanes, target, wide * outputs, channels * width)


@parallel_region
def transform_weights_back(weights: Weights, work: Pointer, part, parts):
    """The same with input and output changed places and the taps rotated by 180 degrees."""
    outputs, channels, k2, lanes = weights.outputs, weights.channels, weights.k * weights.k, simd.lanes(work)
    tmp = simd.at(work, part * (k2 + lanes) * lanes)
    for o in range(bound(channels, part, parts, 1), bound(channels, part + 1, parts, 1)):
        for c in range(0, outputs, lanes):
            start, width = packed_block(c, outputs, lanes)
            for e in range(0, k2, lanes):
                source = simd.at(weights.data, (o * outputs + c) * k2 + e)
                _transpose_edge(source, k2, lanes, k2 - e, simd.at(tmp, e * lanes), lanes)
            target = simd.at(weights.u, start * channels + o * width + c - start)
            _rotated(tmp, weights.k, lanes, target, channels * outputs, weights.odd)


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


@kernel
def _fill_up(weight, wide):
    """The weights in a larger array, and zeros."""
    for o in range(wide.shape[0]):
        for c in range(wide.shape[1]):
            for t in range(wide.shape[2]):
                wide[o, c, t] = weight[o, c, t] if o < weight.shape[0] and c < weight.shape[1] else 0


def transformed(transform, weight: np.ndarray, back: bool, pad: int) -> np.ndarray:
    """U of the weights, or of the weights rotated by 180 degrees, whose outputs are the channels."""
    k, lanes, (outputs, channels) = weight.shape[-1], LANES, weight.shape[:2]
    if outputs % lanes or channels % lanes:
        outputs, channels = (ceil_div(n, lanes) * lanes for n in (outputs, channels))
        wide = take("whole weights", weight.dtype, outputs * channels * k * k).reshape(outputs, channels, k * k)
        _fill_up(weight.reshape(*weight.shape[:2], k * k), wide)
        weight = wide
    if back:
        outputs, channels = channels, outputs
    # A nanosecond for each weight.
    parts = 1 if weight.size < LAUNCH else threads(weight.size)
    u = take("weights", weight.dtype, (100 if k == 4 else 36) * channels * outputs)
    work = take("taps", weight.dtype, parts * (k * k + lanes) * lanes * lanes)
    transform(parts, Weights(weight, outputs, channels, k, u, pad % 2), work)
    return u
