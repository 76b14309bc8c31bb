"""Plans of the convolution kernels: what convolution.cu's two kernels know of a shape, as int32 arrays on the GPU.

Sizes have three axes here. A plan is made once a shape; what its numbers are stands in convolution.cu.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from ..tables import on_gpu

Sizes = tuple[int, int, int]
#: Taps of one product, and those whose validity fits one word.
MOST_TAPS, NARROW = 62, 31
#: Depth of a tile.
DEPTH = 16
ONES_TAP, NO_TAP = 62, 63


class Shape(NamedTuple):
    """A convolution: ``source`` and ``target`` are the sizes of input and output, ``channels`` those of a group."""

    images: int
    channels: int
    planes: int
    groups: int
    source: Sizes
    target: Sizes
    kernel: Sizes
    stride: Sizes
    pad: Sizes
    dilation: Sizes


class Product(NamedTuple):
    """One launch: plan, taps of it on the GPU and their number, rows, columns, inner channels, padded sizes, whether it
    adds, and whether its columns are all of the output, so that its sums can be kept apart and added up."""

    plan: Any
    taps: Any
    count: int
    rows: int
    columns: int
    inner: int
    Mp: int
    Kp: int
    add: bool
    whole: bool


def up(n: int, to: int) -> int:
    """``n`` rounded up to a multiple."""
    return -(-n // to) * to


def parts_of(taps: list) -> list[list]:
    """The taps, as many as a product takes at a time; one empty part where there are none."""
    return [taps[i : i + MOST_TAPS] for i in range(0, len(taps), MOST_TAPS)] or [[]]


def _moves(shape: Shape) -> list[Sizes]:
    """What every tap adds to the coordinates in the source."""
    return [
        tuple(k * d - p for k, d, p in zip(tap, shape.dilation, shape.pad))
        for tap in product(*map(range, shape.kernel))
    ]


def _table(entries: np.ndarray, moves: list, rows: int, sizes: Sizes, wide: bool) -> np.ndarray:
    """Offset and tap, or its bit, of every entry (channel, tap), padded to ``rows``."""
    table = np.zeros((rows, 2), np.int64)
    table[:, 1] = NO_TAP
    if len(entries):
        d = np.array(moves, np.int64)[entries[:, 1]]
        table[: len(entries), 0] = entries[:, 0] * prod(sizes) + (d[:, 0] * sizes[1] + d[:, 1]) * sizes[2] + d[:, 2]
        table[: len(entries), 1] = entries[:, 1]
    if not wide:
        table[:, 1] = np.where(table[:, 1] < NARROW, 1 << np.minimum(table[:, 1], 30), 0)
    return table.ravel()


def _entries(channels: int, taps: int) -> np.ndarray:
    return np.stack(np.meshgrid(np.arange(channels), np.arange(taps), indexing="ij"), -1).reshape(-1, 2)


def _gather(
    head: list, inner: int, moves: list, sizes: Sizes, rows: int, vector: bool, add: bool
) -> tuple[Any, int, int]:
    """A plan of gather_gemm from its first 23 numbers, and the padded sizes of its weights."""
    Mp, Kp = up(rows, 4), up(max(1, inner * len(moves)), DEPTH)
    numbers = np.array([*head, Mp, Kp, vector, len(moves), add, 0, 0, 0, 0], np.int64)
    table = _table(_entries(inner, len(moves)), moves, Kp, sizes, len(moves) > NARROW)
    return on_gpu(_whole(numbers, table, np.array(moves, np.int64).reshape(-1))), Mp, Kp


def _whole(*parts: np.ndarray) -> np.ndarray:
    """The parts as one int32 array, all numbers proved to fit."""
    plan = np.concatenate(parts)
    if plan.min(initial=0) < -(2**31) or plan.max(initial=0) >= 2**31:
        raise ValueError("a convolution on the GPU takes images of less than 2^31 elements each")
    return plan.astype(np.int32)


@lru_cache(maxsize=256)
def forward(shape: Shape, vector: bool, device: int) -> list[Product]:
    """The products whose sum is the output."""
    S, Q, rows = shape.source, shape.target, shape.planes
    plane, outputs, columns = prod(S), prod(Q), shape.images * prod(Q)
    channels, moves, products = shape.channels * shape.groups, _moves(shape), []
    for taps in parts_of(list(range(len(moves)))):
        head = [rows, columns, shape.channels * len(taps), *Q, shape.images, *shape.stride, *S, plane, channels * plane]
        head += [
            shape.channels * plane,
            Q[1] * Q[2],
            Q[2],
            1,
            0,
            outputs,
            shape.groups * rows * outputs,
            rows * outputs,
        ]
        made = _gather(head, shape.channels, [moves[t] for t in taps], S, rows, vector, bool(products))
        plan, *padded = made
        tap_table = on_gpu(np.array(taps, np.int32))
        sizes = rows, columns, shape.channels, *padded
        products.append(Product(plan, tap_table, len(taps), *sizes, bool(products), True))
    return products


@lru_cache(maxsize=256)
def backward_input(shape: Shape, vector: bool, device: int) -> list[Product]:
    """The products of every phase of the stride: input positions that meet the same taps."""
    return [p for phase in product(*map(range, shape.stride)) for p in _phase(shape, phase, vector)]


def _phase(shape: Shape, phase: Sizes, vector: bool) -> list[Product]:
    S, Q, rows, inner = shape.source, shape.target, shape.channels, shape.planes
    grid = tuple(-(-(n - f) // s) for n, f, s in zip(S, phase, shape.stride))
    if min(grid) <= 0:
        return []
    # input position i = q s + phase meets output position (i - move) / s where that is whole
    moves = [tuple(f - m for f, m in zip(phase, move)) for move in _moves(shape)]
    used = [t for t, move in enumerate(moves) if all(m % s == 0 for m, s in zip(move, shape.stride))]
    plane, outputs, start = prod(S), prod(Q), (phase[0] * S[1] + phase[1]) * S[2] + phase[2]
    steps = shape.stride[0] * S[1] * S[2], shape.stride[1] * S[2], shape.stride[2]
    vector = vector and shape.stride[2] == 1 and start % 4 == 0 and grid[2] % 4 == 0
    columns, products = shape.images * prod(grid), []
    for taps in parts_of(used):
        own = [tuple(m // s for m, s in zip(moves[t], shape.stride)) for t in taps]
        head = [rows, columns, inner * len(taps), *grid, shape.images, 1, 1, 1, *Q, outputs]
        head += [shape.groups * inner * outputs, inner * outputs, *steps, start, plane, shape.groups * rows * plane]
        plan, *padded = _gather([*head, rows * plane], inner if taps else 0, own, Q, rows, vector, bool(products))
        tap_table = on_gpu(np.array(taps or [0], np.int32))
        sizes = rows, columns, inner, *padded
        products.append(Product(plan, tap_table, len(taps), *sizes, bool(products), prod(shape.stride) == 1))
    return products


def magic(d: int) -> tuple[int, int]:
    """(mul, shift) so that ``n // d == (umulhi(n, mul) + n) >> shift`` for 0 <= n < 2^31."""
    shift = max(d - 1, 0).bit_length()
    return ((1 << 32) * ((1 << shift) - d) // d + 1) & 0xFFFFFFFF, shift


class WeightProduct(NamedTuple):
    """A launch of weight_gemm: plan, places of its columns among a row of weights, their number, splits."""

    plan: Any
    places: Any
    columns: int
    splits: int


@lru_cache(maxsize=256)
def backward_weights(shape: Shape, tile: int, depth: int, blocks: int, device: int) -> list[WeightProduct]:
    """The products for some taps each; ``blocks``: how many blocks the GPU holds."""
    moves = _moves(shape)
    return [_weight(shape, taps, moves, (tile, depth, blocks)) for taps in parts_of(list(range(len(moves))))]


def _weight(shape: Shape, taps: list, moves: list, tiling: tuple[int, int, int]) -> WeightProduct:
    tile, depth, blocks = tiling
    M, C, S, Q = shape.planes, shape.channels, shape.source, shape.target
    J, plane, positions = C * len(taps), prod(S), prod(Q)
    K = shape.images * positions
    steps, tiles = -(-K // depth), -(-M // tile) * -(-(J + 1) // tile) * shape.groups
    share = -(-steps // max(1, min(blocks // tiles, steps // 8)))
    rows, (mul, shift) = up(J + 1, tile), magic(positions)
    numbers = dict(enumerate([M, J, K, positions]))
    numbers |= {14: shape.groups * C * plane, 15: C * plane, 20: rows, 21: shape.groups * M * positions}
    numbers |= {22: M * positions, 24: share, 26: mul - (mul >> 31 << 32), 27: shift}
    head = np.array([numbers.get(i, 0) for i in range(32)], np.int64)
    own, entries = [moves[t] for t in taps], _entries(C, len(taps))
    table = _table(entries, own, rows, S, True)
    table[2 * J + 1] = ONES_TAP
    plan = _whole(head, table, _positions(shape, own))
    places = entries[:, 0] * len(moves) + np.array(taps)[entries[:, 1]]
    return WeightProduct(on_gpu(plan), on_gpu(places.astype(np.int32)), J, -(-steps // share))


def _positions(shape: Shape, moves: list) -> np.ndarray:
    """For every output position where it begins in the source, and 64 bits of its valid taps."""
    S, Q = shape.source, shape.target
    at = np.stack(np.meshgrid(*map(np.arange, Q), indexing="ij"), -1).reshape(-1, 3) * shape.stride
    ok = ((at[:, None] + moves >= 0) & (at[:, None] + moves < S)).all(-1)
    bits = (ok.astype(np.uint64) << np.arange(len(moves), dtype=np.uint64)).sum(1, dtype=np.uint64)
    where = np.zeros((len(at), 4), np.int32)
    where[:, 0] = (at[:, 0] * S[1] + at[:, 1]) * S[2] + at[:, 2]
    where[:, 1:3] = (bits | np.uint64(1 << ONES_TAP)).view(np.int32).reshape(-1, 2)
    return where.ravel().astype(np.int64)
