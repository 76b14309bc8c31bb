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
#: Taps of one product along the three axes together: each has a bit.
BITS = 31
#: Depth of a tile.
DEPTH = 16
#: The bit that no position has.
NOWHERE = -(1 << 31)


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


class Taps(NamedTuple):
    """Taps of one product: along each axis their places in the kernel, and what each adds to the coordinate."""

    places: tuple[list, list, list]
    moves: tuple[list, list, list]

    def count(self) -> int:
        return prod(map(len, self.moves))

    def numbers(self, kernel: Sizes) -> np.ndarray:
        """Where each tap lies in a kernel's weights."""
        return np.array([(a * kernel[1] + b) * kernel[2] + c for a, b, c in product(*self.places)], np.int32)

    def offsets(self, sizes: Sizes) -> np.ndarray:
        """What each tap adds to an address in a source of these sizes."""
        return np.array([(a * sizes[1] + b) * sizes[2] + c for a, b, c in product(*self.moves)], np.int64)

    def bits(self) -> np.ndarray:
        """The three bits of each tap."""
        first = np.cumsum([0, *map(len, self.moves)])
        axes = [[1 << int(start + i) for i in range(len(own))] for start, own in zip(first, self.moves)]
        return np.array([a | b | c for a, b, c in product(*axes)], np.int64)


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


def parts_of(axes: list[list[tuple[int, int]]]) -> list[Taps]:
    """Places and moves along every axis, as many a product as have a bit; one without taps where there are none."""
    most = [len(axis) for axis in axes]
    if 0 in most:
        return [Taps(([], [], []), ([], [], []))]
    while sum(most) > BITS:
        longest = most.index(max(most))
        most[longest] = -(-most[longest] // 2)
    pieces = [[axis[i : i + n] for i in range(0, len(axis), n)] for axis, n in zip(axes, most)]
    return [Taps(*(tuple([t[n] for t in axis] for axis in part) for n in (0, 1))) for part in product(*pieces)]


def _moves(shape: Shape) -> list[list[tuple[int, int]]]:
    """Along every axis the places of the kernel, and what each adds to the coordinate in the source."""
    return [[(k, k * d - p) for k in range(n)] for n, d, p in zip(shape.kernel, shape.dilation, shape.pad)]


def _table(channels: int, plane: int, taps: Taps, sizes: Sizes, rows: int) -> np.ndarray:
    """Offset and bits of every entry (channel, tap), padded to ``rows``."""
    table = np.zeros((rows, 2), np.int64)
    table[:, 1] = NOWHERE
    n = channels * taps.count()
    if n:
        table[:n, 0] = (np.arange(channels)[:, None] * plane + taps.offsets(sizes)).reshape(-1)
        table[:n, 1] = np.tile(taps.bits(), channels)
    return table


def _gather(
    head: list, inner: int, taps: Taps, sizes: Sizes, rows: int, vector: bool, add: bool
) -> tuple[Any, int, int]:
    """A plan of gather_gemm from its first 23 numbers, and the padded sizes of its weights."""
    Mp, Kp = up(rows, 4), up(max(1, inner * taps.count()), DEPTH)
    counts = [len(own) for own in taps.moves]
    numbers = np.array([*head, Mp, Kp, vector, counts[0], add, *counts[1:], 0, 0], np.int64)
    table = _table(inner, prod(sizes), taps, sizes, Kp)
    moves = np.array([m for own in taps.moves for m in own], np.int64)
    return on_gpu(_whole(numbers, table.reshape(-1), moves)), Mp, Kp


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
    products: list[Product] = []
    for taps in parts_of(_moves(shape)):
        count = taps.count()
        head = [rows, columns, shape.channels * count, *Q, shape.images, *shape.stride, *S, plane]
        head += [shape.channels * shape.groups * plane, shape.channels * plane, Q[1] * Q[2], Q[2], 1, 0, outputs]
        head += [shape.groups * rows * outputs, rows * outputs]
        plan, *padded = _gather(head, shape.channels, taps, S, rows, vector, bool(products))
        sizes = rows, columns, shape.channels, *padded
        products.append(Product(plan, _numbers(taps, shape), count, *sizes, bool(products), True))
    return products


def _numbers(taps: Taps, shape: Shape) -> Any:
    """The taps' places among weights, on the GPU; one where there are none."""
    return on_gpu(taps.numbers(shape.kernel) if taps.count() else np.zeros(1, np.int32))


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
    axes = [
        [(k, (f - m) // s) for k, m in axis if (f - m) % s == 0]
        for axis, f, s in zip(_moves(shape), phase, shape.stride)
    ]
    plane, outputs, start = prod(S), prod(Q), (phase[0] * S[1] + phase[1]) * S[2] + phase[2]
    steps = shape.stride[0] * S[1] * S[2], shape.stride[1] * S[2], shape.stride[2]
    vector = vector and shape.stride[2] == 1 and start % 4 == 0 and grid[2] % 4 == 0
    columns, products = shape.images * prod(grid), []
    for taps in parts_of(axes):
        count = taps.count()
        head = [rows, columns, inner * count, *grid, shape.images, 1, 1, 1, *Q, outputs]
        head += [shape.groups * inner * outputs, inner * outputs, *steps, start, plane, shape.groups * rows * plane]
        plan, *padded = _gather([*head, rows * plane], inner, taps, Q, rows, vector, bool(products))
        sizes = rows, columns, inner, *padded
        products.append(Product(plan, _numbers(taps, shape), count, *sizes, bool(products), prod(shape.stride) == 1))
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


class Tiling(NamedTuple):
    """Tile, depth and threads of a kernel, how many blocks of it the GPU holds, and whether a step of k lies within an
    image: a thread copies two places of it then."""

    rows: int
    columns: int
    depth: int
    threads: int
    blocks: int
    whole: bool = False


@lru_cache(maxsize=256)
def backward_weights(shape: Shape, tiling: Tiling, device: int) -> list[WeightProduct]:
    """The products for some taps each."""
    return [_weight(shape, taps, tiling) for taps in parts_of(_moves(shape))]


def _weight(shape: Shape, taps: Taps, tiling: Tiling) -> WeightProduct:
    M, C, S, Q, count = shape.planes, shape.channels, shape.source, shape.target, taps.count()
    J, plane, positions, tile = C * count, prod(S), prod(Q), tiling.columns
    padded = up(positions, tiling.depth) if tiling.whole else positions
    K = shape.images * padded
    steps, tiles = -(-K // tiling.depth), -(-M // tiling.rows) * -(-(J + 1) // tile) * shape.groups
    share = -(-steps // max(1, min(tiling.blocks // tiles, steps // 8)))
    rows, (mul, shift) = up(J + 1, tile), magic(padded)
    numbers = dict(enumerate([M, J, K, positions, -padded]))
    numbers |= {14: shape.groups * C * plane, 15: C * plane, 20: rows, 21: shape.groups * M * positions}
    numbers |= {22: M * positions, 24: share, 26: mul - (mul >> 31 << 32), 27: shift}
    head = np.array([numbers.get(i, 0) for i in range(32)], np.int64)
    table = _table(C, plane, taps, S, rows)
    # a thread copies every R-th column of a tile, whose entries lie side by side
    apart = tiling.threads // tiling.depth * (2 if tiling.whole else 1)
    table = table.reshape(-1, tile // apart, apart, 2).swapaxes(1, 2)
    plan = _whole(head, table.reshape(-1), _positions(shape, taps, padded))
    places = np.arange(C)[:, None] * prod(shape.kernel) + taps.numbers(shape.kernel)
    return WeightProduct(on_gpu(plan), on_gpu(places.reshape(-1).astype(np.int32)), J, -(-steps // share))


def _positions(shape: Shape, taps: Taps, padded: int) -> np.ndarray:
    """For every output position where it begins in the source, and the bits of the taps that do not lie there; then
    those that fill the last step."""
    S, Q = shape.source, shape.target
    at, bit = np.stack(np.meshgrid(*map(np.arange, Q), indexing="ij"), -1).reshape(-1, 3) * shape.stride, 1
    where = np.zeros((padded, 2), np.int64)
    where[:, 1], there = NOWHERE, where[: len(at)]
    there[:, 0] = (at[:, 0] * S[1] + at[:, 1]) * S[2] + at[:, 2]
    for axis, moves in enumerate(taps.moves):
        for move in moves:
            x = at[:, axis] + move
            there[:, 1] |= np.where((x >= 0) & (x < S[axis]), 0, bit)
            bit *= 2
    return where.reshape(-1)
