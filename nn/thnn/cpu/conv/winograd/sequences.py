"""Convolution of sequences with 2 to 5 taps by Winograd's algorithm: output and gradInput.

A tile of six frames gives m = 7 - k frames of k taps. In the domain of :mod:`transforms` a convolution is six products,

    M[point][tile][output] = sum over features of V[point][tile][feature] * U[point][feature][output]

with k m / 6 times fewer multiplications, half as many for 3 or 4 taps. Frames lie as [frame][feature], so that all maps
are of vectors of features; features and outputs are filled up with zeros to whole vectors. The input's gradient is the
convolution of gradOutput, with k - 1 frames of zeros around it, with the taps in reverse order.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ...gemm.transpose import edge_transposer
from ...runtime.blocking import PRODUCT_RATE
from ...runtime.jit import inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import LAUNCH, aligned, bound, ceil_div, threads
from ...runtime.records import Int, Pointer, Table
from ...runtime.workspace import take
from ...simd import registers as simd
from ..blocks import packed_block
from ..geometry import SLACK
from .output import Products, Room, multiply
from .transformed_weights import LANES
from .transforms import POINTS, input_map, line, output_map, taps_map

#: Tiles of a block, so that their values stay in the second cache; every height of a tile of products divides them.
TILES = 96
#: The least features and outputs, and tiles that are worth the transform of the weights.
NARROWEST, FEWEST = 32, 48

_values = line(input_map, POINTS, POINTS)
_taps2, _taps3, _taps4, _taps5 = (line(taps_map, k, POINTS) for k in (2, 3, 4, 5))
_flipped2, _flipped3, _flipped4, _flipped5 = (line(taps_map, k, POINTS, True) for k in (2, 3, 4, 5))
_outputs2, _outputs3 = line(lambda v: output_map(v, 2), POINTS, 2), line(lambda v: output_map(v, 3), POINTS, 3)
_outputs4, _outputs5 = line(lambda v: output_map(v, 4), POINTS, 4), line(lambda v: output_map(v, 5), POINTS, 5)
_transpose = edge_transposer()


class Frames(NamedTuple):
    """Sequences, [sequence][frame][feature]; ``before``: frames of zeros before the first one, where tiles begin.

    ``width``: the features with those that fill the last vector.
    """

    data: Pointer
    frames: Int
    features: Int
    width: Int
    before: Int


class Tiles(NamedTuple):
    """Tiles of all sequences, ``across`` of each, ``step`` frames apart."""

    count: Int
    across: Int
    step: Int


class Output(NamedTuple):
    """The output, or gradInput, and the bias that is added."""

    data: Pointer
    frames: Int
    features: Int
    width: Int
    bias: Pointer
    has_bias: Int


class Weights(NamedTuple):
    """Weights [output][tap][feature] and their transform U, [point][block of outputs][feature][width of the block].

    ``width`` and ``wide``: features and outputs with those that fill the last vectors.
    """

    data: Pointer
    outputs: Int
    k: Int
    features: Int
    width: Int
    wide: Int
    u: Pointer


@inner
def copy_frames(x, sequence, first, count, target):
    """target[i] = frame ``first`` + i of a sequence, with zeros around the sequence and behind the features."""
    for i in range(count):
        t = min(max(first + i, 0), x.frames - 1)
        row, features = simd.at(x.data, (sequence * x.frames + t) * x.features), x.features if t == first + i else 0
        for c in range(0, x.width, simd.lanes(target)):
            simd.store(target, i * x.width + c, simd.load_first(row, c, features - c))


@inner
def to_values(x, tiles, tile, room, v, plane):
    """The values of one tile to rows ``plane`` elements apart."""
    copy_frames(x, tile // tiles.across, tile % tiles.across * tiles.step - x.before, POINTS, room)
    for c in range(0, x.width, simd.lanes(room)):
        _values(simd.at(room, c), x.width, simd.at(v, c), plane)


@inner
def frames_of(n, m, plane, target, width):
    """``n`` frames from their values, for a vector of features."""
    if n == 2:
        _outputs2(m, plane, target, width)
    elif n == 3:
        _outputs3(m, plane, target, width)
    elif n == 4:
        _outputs4(m, plane, target, width)
    else:
        _outputs5(m, plane, target, width)


@inner
def _to_output(m, plane, y, tiles, tile, room):
    """The outputs of one tile from their values."""
    lanes = simd.lanes(m)
    for o in range(0, y.width, lanes):
        frames_of(tiles.step, simd.at(m, o), plane, simd.at(room, o), y.width)
    first = tile % tiles.across * tiles.step
    target = simd.at(y.data, (tile // tiles.across * y.frames + first) * y.features)
    for i in range(min(tiles.step, y.frames - first)):
        for o in range(0, y.features, lanes):
            value, count = simd.load(room, i * y.width + o), y.features - o
            if y.has_bias:
                value += simd.load_first(y.bias, o, count)
            simd.store_first(target, i * y.features + o, value, count)


class Packed(NamedTuple):
    """U, and the offsets of the rows of V."""

    u: Pointer
    rows: Table


@parallel_region
def _convolve(x: Frames, tiles: Tiles, packed: Packed, y: Output, work: Room, part, parts):
    """The outputs of some tiles, block by block."""
    v = simd.at(work.data, part * work.share)
    m = simd.at(v, POINTS * TILES * x.width)
    room = simd.at(m, POINTS * TILES * y.width)
    last = bound(tiles.count, part + 1, parts, 1)
    for first in range(bound(tiles.count, part, parts, 1), last, TILES):
        used = min(TILES, last - first)
        for t in range(used):
            to_values(x, tiles, first + t, room, simd.at(v, t * x.width), TILES * x.width)
        multiply(Products(v, packed.u, m, packed.rows), TILES, used, (x.width, x.width), y.width, (0, POINTS))
        for t in range(used):
            _to_output(simd.at(m, t * y.width), TILES * y.width, y, tiles, first + t, room)


@inner
def _values_of_taps(k, source, row, target, plane):
    if k == 2:
        _taps2(source, row, target, plane)
    elif k == 3:
        _taps3(source, row, target, plane)
    elif k == 4:
        _taps4(source, row, target, plane)
    else:
        _taps5(source, row, target, plane)


@inner
def _values_of_reversed(k, source, row, target, plane):
    if k == 2:
        _flipped2(source, row, target, plane)
    elif k == 3:
        _flipped3(source, row, target, plane)
    elif k == 4:
        _flipped4(source, row, target, plane)
    else:
        _flipped5(source, row, target, plane)


@parallel_region
def transform(weights: Weights, work: Pointer, part, parts):
    """U of some vectors of outputs."""
    k, features, width, lanes = weights.k, weights.features, weights.width, simd.lanes(work)
    tmp, blocks = simd.at(work, part * 5 * lanes * lanes), weights.wide // lanes
    for block in range(bound(blocks, part, parts, 1), bound(blocks, part + 1, parts, 1)):
        o = block * lanes
        start, panel = packed_block(o, weights.wide, lanes)
        source = simd.at(weights.data, o * k * features)
        for c in range(0, width, lanes):
            for tap in range(k):
                row, count = simd.at(source, tap * features + c), min(weights.outputs - o, lanes)
                _transpose(row, k * features, count, features - c, simd.at(tmp, tap * lanes * lanes), lanes)
            for q in range(lanes):
                target = simd.at(weights.u, start * width + (c + q) * panel + o - start)
                _values_of_taps(k, simd.at(tmp, q * lanes), lanes * lanes, target, width * weights.wide)


@parallel_region
def transform_back(weights: Weights, work: Pointer, part, parts):
    """The same with inputs and outputs changed places and the taps in reverse order."""
    k, features, width, lanes = weights.k, weights.features, weights.width, simd.lanes(work)
    tmp = simd.at(work, part * 5 * lanes)
    for o in range(bound(weights.wide, part, parts, 1), bound(weights.wide, part + 1, parts, 1)):
        source = simd.at(weights.data, min(o, weights.outputs - 1) * k * features)
        for c in range(0, width, lanes):
            start, panel = packed_block(c, width, lanes)
            for tap in range(k):
                count = features - c if o < weights.outputs else 0
                simd.store(tmp, tap * lanes, simd.load_first(source, tap * features + c, count))
            target = simd.at(weights.u, start * weights.wide + o * panel + c - start)
            _values_of_reversed(k, tmp, lanes, target, width * weights.wide)


def takes(sequences: int, frames: int, k: int, dW: int, sizes: tuple[int, int], dtype: np.dtype) -> bool:
    """Windows of 2 to 5 frames that move by one, for ``sizes``, features and outputs, that are wide enough.

    It is not bit-near, so for float32 and no more.
    """
    if dtype != np.float32 or dW != 1 or not 2 <= k <= 5:
        return False
    return min(sizes) >= NARROWEST and sequences * ceil_div(frames, 7 - k) >= FEWEST


def _run(back: bool, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, y: np.ndarray) -> None:
    """y = x convolved with the weights, O x (k F), or with the reversed ones from outputs to features."""
    features = y.shape[2] if back else x.shape[2]
    k, outputs, step = weight.shape[1] // features, len(weight), 7 - weight.shape[1] // features
    width, wide = aligned(features, LANES), aligned(outputs, LANES)
    parts = 1 if weight.size < LAUNCH else threads(weight.size)
    u = take("weights", x.dtype, POINTS * width * wide + SLACK)
    work = take("taps", x.dtype, parts * 5 * LANES * LANES)
    (transform_back if back else transform)(parts, Weights(weight, outputs, k, features, width, wide, u), work)
    inside, outside, before = (wide, width, k - 1) if back else (width, wide, 0)
    tiles = Tiles(len(y) * ceil_div(y.shape[1], step), ceil_div(y.shape[1], step), step)
    parts = min(threads(tiles.count * POINTS * width * wide / PRODUCT_RATE), tiles.count)
    share = POINTS * (TILES + 1) * (width + wide) + SLACK
    frames, target = Frames(x, *x.shape[1:], inside, before), Output(y, *y.shape[1:], outside, bias, bias is not None)
    _convolve(
        parts, frames, tiles, Packed(u, _rows(inside)), target, Room(take("images", x.dtype, parts * share), share)
    )


@lru_cache(maxsize=64)
def _rows(pitch: int) -> np.ndarray:
    """Offsets of the rows of a tile of products."""
    return np.arange(SLACK, dtype=np.int64) * pitch


def forward(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, y: np.ndarray) -> None:
    """``y`` N x T' x O of ``x`` N x T x F, weight O x (k F)."""
    _run(False, x, weight, bias, y)


def backward_input(dy: np.ndarray, weight: np.ndarray, dx: np.ndarray) -> None:
    """The gradient with respect to x."""
    _run(True, dy, weight, None, dx)
