"""Convolution of planes with 3 x 3, 5 x 5 or 4 x 4 taps by Winograd's algorithm: output and gradInput.

A tile of 6 x 6 inputs gives 4 x 4 outputs of 3 x 3 taps (2 x 2 of 5 x 5). In the domain of :mod:`transforms`
a convolution is 36 independent matrix products,

    M[point][tile][output] = sum over channels of V[point][tile][channel] * U[point][channel][output]

with 4 (2.8) times fewer multiplications than the direct sum. 4 x 4 taps with a stride of 2 are four convolutions of
2 x 2 taps, for which a tile of 5 x 5 inputs gives 4 x 4 outputs with 2.6 times fewer multiplications: forward one of
the inputs at even and odd places, whose channels lie side by side; backward one for the gradients at each of them.
Channels and outputs are filled up to whole vectors with zeros.
Threads take blocks of tiles, each with all its products; where the weights U are large they share a block's products.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from ...gemm.microkernel import ROWS, null
from ...gemm.transpose import clear
from ...runtime.blocking import WINOGRAD_RATE
from ...runtime.jit import inner
from ...runtime.parallel import Region, parallel_region, supersteps
from ...runtime.partition import aligned, bound, ceil_div, threads
from ...runtime.records import Int, Pointer, Table
from ...runtime.workspace import take, take_shares
from ...simd import registers as simd
from ..blocks import NARROW, block_width, copy_bias, narrow_tile, wide_tile
from ..geometry import SLACK, output_size
from ..method import GEOMETRY, Method, Shape
from .shapes import box_of, takes_output, tiling, vector_of
from .tiles import Grid, Images, Target, block_of, enter, leave
from .transformed_weights import LANES, in_vectors, transformed

#: Tiles of a block where each thread has its own, so that their values stay in the second cache.
TILES = 96
#: Channels times outputs from which the threads share the tiles of a block: U of 36 x 200 x 200 floats is 6 MB, and
#: is read once for all of them. Bytes of V and M then.
LARGE = 200 * 200
SHARED_BYTES = 16 << 20


class Products(NamedTuple):
    """V, [point][tile][channel], U, and M, [point][tile][output]; offsets of the rows of V."""

    v: Pointer
    u: Pointer
    m: Pointer
    rows: Table


class Room(NamedTuple):
    """Scratch, ``share`` elements a thread."""

    data: Pointer
    share: Int


@inner
def _product(a, rows, b, width, c, channels, outputs, used):
    """C[tile][output] of one point, for ``used`` tiles and one block of outputs."""
    nothing, (pitch, depth) = null(c), channels
    if width > simd.lanes(c):
        for t in range(0, used, ROWS):
            source, target = simd.at(a, t * pitch), simd.at(c, t * outputs)
            wide_tile(source, rows, 0, b, 0, width, target, outputs, nothing, 0, 1, depth)
    else:
        for t in range(0, used, NARROW):
            source, target = simd.at(a, t * pitch), simd.at(c, t * outputs)
            narrow_tile(source, rows, 0, b, 0, width, target, outputs, nothing, 0, 1, depth)


@inner
def multiply(products, tiles, used, sizes, outputs, points):
    """The products of a range of points; ``sizes``: channels as they lie in V, and those that there are."""
    lanes, channels = simd.lanes(products.v), sizes[0]
    depth = sizes[1] if lanes < LANES else channels
    for point in range(points[0], points[1]):
        a, o = simd.at(products.v, point * tiles * channels), 0
        while o < outputs:
            width = block_width(outputs - o, lanes)
            b = simd.at(products.u, point * depth * outputs + o * depth)
            c = simd.at(products.m, point * tiles * outputs + o)
            _product(a, products.rows, b, width, c, (channels, depth), outputs, used)
            o += width


@inner
def planes_of(grid):
    """How many matrix products there are."""
    return grid.points * grid.points * grid.phases


@parallel_region
def _whole_blocks(images: Images, grid: Grid, products: Products, target: Target, room: Room, blocks: Int, part, parts):
    """Some blocks, each with all its products; V and M are the thread's own."""
    channels, outputs, planes = images.pitch * images.phases, target.pitch, planes_of(grid)
    image = simd.at(room.data, part * room.share)
    bias = simd.at(image, images.box * channels + SLACK)
    canvas = simd.at(bias, outputs)
    v = simd.at(canvas, (grid.phases * grid.across * grid.step * grid.step + SLACK) * outputs)
    own = Products(v, products.u, simd.at(v, planes * grid.tiles * channels), products.rows)
    clear(image, images.box * channels)
    copy_bias(target.bias, target.outputs, outputs, target.has_bias != 0, bias)
    chunks = (grid.down + grid.block_rows - 1) // grid.block_rows
    for number in range(bound(blocks, part, parts, chunks), bound(blocks, part + 1, parts, chunks)):
        block = block_of(number, images.count, grid)
        strips = 0, block.strips
        enter(images, grid, block, strips, image, own.v)
        multiply(own, grid.tiles, block.strips * grid.across, (channels, images.channels), outputs, (0, planes))
        leave(own.m, grid, block, strips, target, canvas, bias)


@inner
def _values(images, grid, block, v, image, part, parts):
    """V of a part of the strips of a block."""
    clear(image, images.box * images.pitch * images.phases)
    strips = bound(block.strips, part, parts, 1), bound(block.strips, part + 1, parts, 1)
    enter(images, grid, block, strips, image, v)


@inner
def _results(images, grid, block, m, target, image, part, parts):
    """The outputs of a part of the strips of a block."""
    bias = simd.at(image, images.box * images.pitch * images.phases + SLACK)
    copy_bias(target.bias, target.outputs, target.pitch, target.has_bias != 0, bias)
    strips = bound(block.strips, part, parts, 1), bound(block.strips, part + 1, parts, 1)
    leave(m, grid, block, strips, target, simd.at(bias, target.pitch), bias)


@supersteps
def _shared_blocks(images: Images, grid: Grid, products: Products, target: Target, room: Room, turn, part, parts):
    """One block after another, shared by all threads: its values by strips, products by points, outputs by strips."""
    block, stage = block_of(turn // 3, images.count, grid), turn % 3
    image = simd.at(room.data, part * room.share)
    if stage == 0:
        _values(images, grid, block, products.v, image, part, parts)
    elif stage == 1:
        planes, channels = planes_of(grid), images.pitch * images.phases
        points = bound(planes, part, parts, 1), bound(planes, part + 1, parts, 1)
        sizes = channels, images.channels
        multiply(products, grid.tiles, block.strips * grid.across, sizes, target.pitch, points)
    else:
        _results(images, grid, block, products.m, target, image, part, parts)


class _Prepared(NamedTuple):
    """What a shape of a pass and a number of threads need; numbers are fields of records."""

    #: Own ones, and in whole vectors.
    outputs: tuple[int, int]
    #: Of V, those of all phases; and the matrices of V.
    channels: int
    planes: int
    #: Fields of :class:`Images` behind the data.
    images: tuple
    grid: Grid
    rows: np.ndarray
    blocks: int
    sharing: bool
    #: Elements of scratch of a thread, and of V and M that are shared.
    share: int
    values: int
    lanes: int
    #: The code for blocks that are shared, or for those of one thread each.
    code: Region


@lru_cache(maxsize=64)
def _nanoseconds(shape: Shape, backward: bool) -> float:
    points, step, phases = tiling(shape)
    out = shape.size if backward and phases == 1 else tuple(map(output_size, *shape[:GEOMETRY]))
    products = ceil_div(out[1], step) * ceil_div(out[2], step) * points * points * phases
    channels, outputs = (aligned(n, vector_of(shape)) for n in (shape.channels, shape.outputs))
    return shape.images * products * channels * outputs / (36 * WINOGRAD_RATE)


@lru_cache(maxsize=64)
def _prepared(shape: Shape, backward: bool, parts: int) -> _Prepared:
    k, pad, out = shape.kernel[2], shape.pad[2], tuple(map(output_size, *shape[:GEOMETRY]))
    (points, step, phases), shift, inside, outside = tiling(shape), 0, 1, 1
    channels, outputs, size, images, item = (
        shape.channels, shape.outputs, shape.size, shape.images, shape.dtype.itemsize,
    )  # fmt: skip
    if phases > 1:
        k, inside, outside = 2, (1 if backward else phases), (phases if backward else 1)
    if backward:
        channels, outputs, size, out = outputs, channels, out, shape.size
        pad, shift = (k - 1 - pad, 0) if phases == 1 else (1 - pad // 2, pad % 2)
    lanes = vector_of(shape)
    own, own_outputs, channels, outputs = channels, outputs, aligned(channels, lanes), aligned(outputs, lanes)
    down, across = (ceil_div(n, step * (2 if outside > 1 else 1)) for n in out[1:])
    pixels, box = box_of(size[1:], pad, inside, tuple(n * step + k - 1 + shift for n in (down, across)))
    per_image, wide, planes = down * across, channels * inside, points * points * outside
    block_images, block_rows = max(1, TILES // per_image), down if per_image <= 2 * TILES else max(1, TILES // across)
    if images >= parts:  # as many blocks for each thread
        block_images = ceil_div(images, ceil_div(images, block_images * parts) * parts)
    blocks = ceil_div(images, block_images) * ceil_div(down, block_rows)
    uneven = blocks < parts or (blocks % parts > 0 and blocks < 2 * parts)
    sharing = parts > 1 and (planes * wide * outputs >= 36 * LARGE or uneven)
    if sharing:
        tiles = max(TILES, SHARED_BYTES // (planes * (wide + outputs) * item))
        block_images = min(images, max(1, tiles // per_image))
        block_rows = down if per_image <= tiles else max(1, tiles // across)
        blocks = ceil_div(images, block_images) * ceil_div(down, block_rows)
    # Every height of a tile, 4, 6, 8 or 12 rows, divides 24.
    tiles = aligned(block_images * block_rows * across, 24)
    values = planes * tiles * (wide + outputs)
    share = prod(box) * wide + SLACK + outputs * (1 + outside * across * step * step + SLACK)
    return _Prepared(
        (own_outputs, outputs), wide, planes, (images, own, channels, prod(size), pixels, prod(box), box[1], inside),
        Grid(points, outside, shift, step, down, across, block_images, block_rows, tiles),
        np.arange(SLACK, dtype=np.int64) * wide,
        blocks, sharing, aligned(share + (0 if sharing else values)), values if sharing else 0, lanes,
        in_vectors(_shared_blocks if sharing else _whole_blocks, lanes),
    )  # fmt: skip


def _run(p: _Prepared, parts: int, x: np.ndarray, u: np.ndarray, bias: np.ndarray | None, y: np.ndarray) -> None:
    """y = x convolved with the transformed weights u."""
    source, target = Images(x, *p.images), Target(y, *p.outputs, *y.shape[-2:], bias, bias is not None)
    if p.sharing:
        work = take("images", x.dtype, parts * p.share + p.values)
        v = work[parts * p.share :]
        products, room = Products(v, u, v[p.planes * p.grid.tiles * p.channels :], p.rows), Room(work, p.share)
        p.code(parts, source, p.grid, products, target, room, turns=3 * p.blocks)
    else:
        room = Room(*take_shares("images", x.dtype, parts, p.share))
        p.code(parts, source, p.grid, Products(room.data, u, room.data, p.rows), target, room, p.blocks)


def forward(shape: Shape, x, weight, bias, y) -> None:
    """``y = weight * x + bias``; N x C x H x W arrays, weight O x C x k x k."""
    parts = threads(_nanoseconds(shape, False))
    prepared = _prepared(shape, False, parts)
    _run(prepared, parts, x, transformed(weight, False, shape.pad[2], prepared.lanes), bias, y)


def backward_input(shape: Shape, dy, weight, bias, dx) -> None:
    """The gradient with respect to x, plus ``bias`` unless it is None."""
    parts = threads(_nanoseconds(shape, True))
    prepared = _prepared(shape, True, parts)
    _run(prepared, parts, dy, transformed(weight, True, shape.pad[2], prepared.lanes), bias, dx)


OUTPUT, GRAD_INPUT = Method(takes_output, forward), Method(takes_output, backward_input)
