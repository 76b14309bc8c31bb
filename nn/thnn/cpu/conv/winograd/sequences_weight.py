"""The gradients of weight and bias of a convolution of sequences, by Winograd's algorithm.

Tiles of six frames and the m gradients of their outputs, both in the domain of :mod:`transforms`,

    dU[point][output][feature] += sum over tiles of Y[point][tile][output] * V[point][tile][feature]

and dU is transformed to k taps once at the end. Blocks of tiles follow one another; threads share each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ...gemm.gemv import add_columns
from ...gemm.microkernel import COLUMNS, ROWS, by_columns, null
from ...runtime.blocking import PRODUCT_RATE
from ...runtime.jit import inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import aligned, bound, ceil_div, threads
from ...runtime.records import Float, Int, Pointer
from ...runtime.workspace import take
from ...simd import registers as simd
from ..blocks import NARROW, block_width
from ..geometry import SLACK
from .sequences import Frames, Tiles, copy_frames, frames_of, to_values
from .transformed_weights import LANES
from .transforms import POINTS, line, taps_map

#: Bytes of V and Y of a block, a share of the third cache.
BLOCK_BYTES = 8 << 20

_wide, _narrow = by_columns(ROWS, COLUMNS), by_columns(NARROW, 1)
_gradients2, _gradients3, _gradients4, _gradients5 = (line(taps_map, m, POINTS) for m in (2, 3, 4, 5))


class Block(NamedTuple):
    """``used`` tiles from ``first`` on; V and Y have room for ``tiles``."""

    first: Int
    used: Int
    tiles: Int


class Values(NamedTuple):
    """V, Y, whose rows are ``pitch`` elements apart, and dU, [point][output][feature] with some outputs more."""

    v: Pointer
    y: Pointer
    pitch: Int
    du: Pointer
    #: Scratch, ``share`` elements for each part.
    room: Pointer
    share: Int


class Weights(NamedTuple):
    """gradWeight, [output][tap][feature]; ``width``: the features with those that fill the last vector."""

    data: Pointer
    outputs: Int
    k: Int
    features: Int
    width: Int


@inner
def _values_of_gradients(m, source, row, target, plane):
    if m == 2:
        _gradients2(source, row, target, plane)
    elif m == 3:
        _gradients3(source, row, target, plane)
    elif m == 4:
        _gradients4(source, row, target, plane)
    else:
        _gradients5(source, row, target, plane)


@parallel_region
def _transform(x: Frames, gradients: Frames, tiles: Tiles, block: Block, values: Values, part, parts):
    """V and Y of some tiles of a block."""
    room = simd.at(values.room, part * values.share)
    for t in range(bound(block.used, part, parts, 1), bound(block.used, part + 1, parts, 1)):
        tile = block.first + t
        to_values(x, tiles, tile, room, simd.at(values.v, t * x.width), block.tiles * x.width)
        copy_frames(gradients, tile // tiles.across, tile % tiles.across * tiles.step, tiles.step, room)
        target, plane = simd.at(values.y, t * values.pitch), block.tiles * values.pitch
        for o in range(0, gradients.width, simd.lanes(room)):
            _values_of_gradients(tiles.step, simd.at(room, o), gradients.width, simd.at(target, o), plane)


@inner
def _column(values, weights, a, b, du, K, add):
    """dU of one point and a block of features; ``a`` and ``b`` are rows of Y and V."""
    wide, width, nothing = b.width > simd.lanes(values.v), weights.width, null(values.v)
    for o in range(0, weights.outputs, ROWS if wide else NARROW):
        target, y = simd.at(du, o * width), simd.at(a, o)
        start = target if add else nothing
        if wide:
            _wide(y, 0, values.pitch, b.data, 0, width, target, width, start, width, 1, K)
        else:
            _narrow(y, 0, values.pitch, b.data, 0, width, target, width, start, width, 1, K)


class Panel(NamedTuple):
    """Features of V, one tile wide or one vector."""

    data: Pointer
    width: Int


@parallel_region
def _products(values: Values, weights: Weights, block: Block, part, parts):
    """dU of some points and columns; of the first block it is set, of others added to."""
    lanes, width = simd.lanes(values.v), weights.width
    wide = COLUMNS * lanes
    columns = (width + wide - 1) // wide
    for job in range(bound(POINTS * columns, part, parts, 1), bound(POINTS * columns, part + 1, parts, 1)):
        point, c = job // columns, job % columns * wide
        a = simd.at(values.y, point * block.tiles * values.pitch)
        last = min(width, c + wide)
        while c < last:
            panel = Panel(simd.at(values.v, point * block.tiles * width + c), block_width(width - c, lanes))
            du = simd.at(values.du, point * (weights.outputs + SLACK) * width + c)
            _column(values, weights, a, panel, du, block.used, block.first > 0)
            c += panel.width


@parallel_region
def _finish(values: Values, weights: Weights, scale: Float, part, parts):
    """gradWeight += scale * (dU transformed)"""
    k, features, width, lanes = weights.k, weights.features, weights.width, simd.lanes(values.du)
    room, plane = simd.at(values.room, part * values.share), (weights.outputs + SLACK) * width
    for o in range(bound(weights.outputs, part, parts, 1), bound(weights.outputs, part + 1, parts, 1)):
        for c in range(0, features, lanes):
            frames_of(k, simd.at(values.du, o * width + c), plane, room, lanes)
            for tap in range(k):
                at, count = (o * k + tap) * features + c, features - c
                total = simd.fma(simd.load(room, tap * lanes), scale, simd.load_first(weights.data, at, count))
                simd.store_first(weights.data, at, total, count)


def backward_weight(x: np.ndarray, dy: np.ndarray, dweight: np.ndarray, dbias: np.ndarray | None, scale: float) -> None:
    """Add ``scale`` times the gradients to ``dweight`` (O x (k F)) and, unless None, ``dbias``."""
    features, outputs = x.shape[2], dy.shape[2]
    k, item = dweight.shape[1] // features, x.itemsize
    step, width, pitch = 7 - k, aligned(features, LANES), aligned(outputs, LANES) + LANES
    tiles = Tiles(len(x) * ceil_div(dy.shape[1], step), ceil_div(dy.shape[1], step), step)
    most = min(tiles.count, max(64, BLOCK_BYTES // (POINTS * (width + pitch) * item)))
    parts = threads(tiles.count * POINTS * width * outputs / PRODUCT_RATE)
    share = POINTS * max(width, pitch)
    work = take("images", x.dtype, POINTS * most * (width + pitch) + SLACK + parts * share)
    y = work[POINTS * most * width :]
    room = y[POINTS * most * pitch + SLACK :]
    du = take("weights", x.dtype, POINTS * (outputs + SLACK) * width)
    values, weights = Values(work, y, pitch, du, room, share), Weights(dweight, outputs, k, features, width)
    frames, gradients = Frames(x, *x.shape[1:], width, 0), Frames(dy, *dy.shape[1:], pitch - LANES, 0)
    for first in range(0, tiles.count, most):
        block = Block(first, min(most, tiles.count - first), most)
        _transform(min(parts, block.used), frames, gradients, tiles, block, values)
        _products(parts, values, weights, block)
    _finish(min(parts, outputs), values, weights, scale)
    if dbias is not None:
        add_columns(dy.reshape(-1, outputs), scale, dbias)
