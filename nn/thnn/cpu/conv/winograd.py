"""Convolution of planes with 3 x 3 or 5 x 5 taps and stride 1 by Winograd's algorithm: output and gradInput.

A tile of 6 x 6 inputs gives 4 x 4 outputs of 3 x 3 taps (2 x 2 of 5 x 5). In the domain of :mod:`winograd_transforms`
a convolution is 36 independent matrix products,

    M[point][tile][output] = sum over channels of V[point][tile][channel] * U[point][channel][output]

with 4 (2.8) times fewer multiplications than the direct sum. The channels and outputs must be multiples of a vector.
Threads take blocks of tiles, each with all its products; where the weights U are large they share a block's products.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from ..gemm.microkernel import ROWS, null
from ..gemm.transpose import clear, edge_transposer, to_channels_first, to_channels_last, transposer
from ..runtime.blocking import WINOGRAD_RATE
from ..runtime.isa import lanes_of
from ..runtime.jit import inner
from ..runtime.parallel import parallel_region, supersteps
from ..runtime.partition import LAUNCH, aligned, bound, ceil_div, threads
from ..runtime.records import Int, Pointer, Table
from ..runtime.workspace import take
from ..simd import registers as simd
from .blocks import NARROW, block_width, copy_bias, narrow_tile, packed_block, wide_tile
from .geometry import SLACK, grid, output_size
from .method import GEOMETRY, Method, Shape
from .winograd_transforms import inputs, outputs, taps

#: Tiles of a block where each thread has its own, so that their values stay in the second cache.
TILES = 96
#: Channels times outputs from which the threads share the tiles of a block: U of 36 x 200 x 200 floats is 6 MB, and
#: is read once for all of them. Bytes of V and M then.
LARGE = 200 * 200
SHARED_BYTES = 16 << 20
#: The least channels and outputs: with fewer the transforms cost what the products save.
WIDE = 64
#: Of a vector of float32, the only type that this is for.
LANES = lanes_of(4)

_transpose = transposer()
_transpose_edge = edge_transposer()
_taps3, _taps5 = taps(3), taps(5)
_flipped3, _flipped5 = taps(3, True), taps(5, True)
_outputs4, _outputs2 = outputs(4, biased=True), outputs(2, biased=True)


class Weights(NamedTuple):
    """Weights [output][channel][k][k] and their transform U, [point][block of outputs][channel][width]."""

    data: Pointer
    outputs: Int
    channels: Int
    k: Int
    u: Pointer


class Images(NamedTuple):
    """Images, [image][channel][pixel], and where their pixels lie in a box with the border."""

    data: Pointer
    count: Int
    channels: Int
    pixels: Int
    box_pixels: Table
    box: Int
    box_width: Int


class Grid(NamedTuple):
    """Tiles of ``step`` x ``step`` outputs, ``across`` in one row of ``down``; a block has rows of some images."""

    step: Int
    down: Int
    across: Int
    block_images: Int
    block_rows: Int
    #: Tiles of a block, with those that fill the tiles of the product.
    tiles: Int


class Products(NamedTuple):
    """V, [point][tile][channel], U, and M, [point][tile][output]; offsets of the rows of V."""

    v: Pointer
    u: Pointer
    m: Pointer
    rows: Table


class Target(NamedTuple):
    """The output, or gradInput: planes of height x width; the bias that is added."""

    data: Pointer
    outputs: Int
    height: Int
    width: Int
    bias: Pointer
    has_bias: Int


class Room(NamedTuple):
    """Scratch, ``share`` elements a thread."""

    data: Pointer
    share: Int


class Block(NamedTuple):
    """One block: its first image and row of tiles, and its strips, each one row of tiles of one image."""

    image: Int
    top: Int
    rows: Int
    strips: Int


@parallel_region
def _transform_weights(weights: Weights, work: Pointer, part, parts):
    """U of some outputs."""
    outputs, channels, k2, lanes = weights.outputs, weights.channels, weights.k * weights.k, simd.lanes(work)
    tmp = simd.at(work, part * (k2 + 1) * lanes * lanes)
    blocks = outputs // lanes
    for block in range(bound(blocks, part, parts, 1), bound(blocks, part + 1, parts, 1)):
        o = block * lanes
        start, width = packed_block(o, outputs, lanes)
        for c in range(0, channels, lanes):
            for e in range(0, lanes * k2, lanes):
                source = simd.at(weights.data, o * channels * k2 + c * k2 + e)
                _transpose(source, channels * k2, simd.at(tmp, e * lanes), lanes)
            for q in range(lanes):
                target = simd.at(weights.u, start * channels + (c + q) * width + o - start)
                _taps(simd.at(tmp, q * k2 * lanes), weights.k, lanes, target, channels * outputs, False)


@parallel_region
def _transform_weights_back(weights: Weights, work: Pointer, part, parts):
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
            _taps(tmp, weights.k, lanes, target, channels * outputs, True)


@inner
def _taps(tmp, k, lanes, target, point, flipped):
    if k == 3:
        if flipped:
            _flipped3(tmp, 3 * lanes, lanes, target, 6 * point, point, tmp)
        else:
            _taps3(tmp, 3 * lanes, lanes, target, 6 * point, point, tmp)
    elif flipped:
        _flipped5(tmp, 5 * lanes, lanes, target, 6 * point, point, tmp)
    else:
        _taps5(tmp, 5 * lanes, lanes, target, 6 * point, point, tmp)


@inner
def to_values(image, box_width, channels, tiles, row, v, tile):
    """V of one row of tiles, from tile ``tile`` of V on; ``tiles`` is (step, across, tiles of V)."""
    step, across, count = tiles
    lanes = simd.lanes(image)
    line, plane = box_width * channels, count * channels
    for column in range(across):
        source = simd.at(image, row * step * line + column * step * channels)
        for c in range(0, channels, lanes):
            target = simd.at(v, (tile + column) * channels + c)
            inputs(simd.at(source, c), line, channels, target, 6 * plane, plane, target)


@inner
def _block_of(number, images, grid):
    """Block number ``number``: some rows of tiles of some images."""
    chunks = (grid.down + grid.block_rows - 1) // grid.block_rows
    n, top = number // chunks * grid.block_images, number % chunks * grid.block_rows
    rows = min(grid.block_rows, grid.down - top)
    return Block(n, top, rows, min(grid.block_images, images - n) * rows)


@inner
def _enter(images, grid, block, strips, image, v):
    """The values of a range of strips of a block."""
    held, channels = -1, images.channels
    for strip in range(strips[0], strips[1]):
        n, row = block.image + strip // block.rows, block.top + strip % block.rows
        if n != held:
            source = simd.at(images.data, n * channels * images.pixels)
            to_channels_last(source, images.pixels, channels, images.pixels, image, images.box_pixels, channels)
            held = n
        tiles = grid.step, grid.across, grid.tiles
        to_values(image, images.box_width, channels, tiles, row, v, strip * grid.across)


@inner
def _product(a, rows, b, width, c, channels, outputs, used):
    """C[tile][output] of one point, for ``used`` tiles and one block of outputs."""
    nothing = null(c)
    if width > simd.lanes(c):
        for t in range(0, used, ROWS):
            source, target = simd.at(a, t * channels), simd.at(c, t * outputs)
            wide_tile(source, rows, 0, b, 0, width, target, outputs, nothing, 0, 1, channels)
    else:
        for t in range(0, used, NARROW):
            source, target = simd.at(a, t * channels), simd.at(c, t * outputs)
            narrow_tile(source, rows, 0, b, 0, width, target, outputs, nothing, 0, 1, channels)


@inner
def _multiply(products, tiles, used, channels, outputs, points):
    """The products of a range of points."""
    lanes = simd.lanes(products.v)
    for point in range(points[0], points[1]):
        a, o = simd.at(products.v, point * tiles * channels), 0
        while o < outputs:
            width = block_width(outputs - o, lanes)
            b = simd.at(products.u, point * channels * outputs + o * channels)
            c = simd.at(products.m, point * tiles * outputs + o)
            _product(a, products.rows, b, width, c, channels, outputs, used)
            o += width


@inner
def _to_outputs(m, grid, outputs, tile, canvas, bias):
    """canvas[row][column][output] of the tiles of one strip, which begins at ``tile``."""
    pitch, plane = grid.across * grid.step, grid.tiles * outputs
    for column in range(grid.across):
        for o in range(0, outputs, simd.lanes(m)):
            source, b = simd.at(m, (tile + column) * outputs + o), simd.at(bias, o)
            target = simd.at(canvas, column * grid.step * outputs + o)
            if grid.step == 4:
                _outputs4(source, 6 * plane, plane, target, pitch * outputs, outputs, b)
            else:
                _outputs2(source, 6 * plane, plane, target, pitch * outputs, outputs, b)


@inner
def _leave(m, grid, block, strips, target, canvas, bias):
    """Transform the products of a range of strips back and write the output's planes."""
    outputs, height, width, pitch = target.outputs, target.height, target.width, grid.across * grid.step
    for strip in range(strips[0], strips[1]):
        n, row = block.image + strip // block.rows, (block.top + strip % block.rows) * grid.step
        _to_outputs(m, grid, outputs, strip * grid.across, canvas, bias)
        plane = simd.at(target.data, n * outputs * height * width + row * width)
        lines = min(grid.step, height - row)
        if width == pitch:
            to_channels_first(canvas, outputs, outputs, lines * width, plane, height * width)
        else:
            for i in range(lines):
                source = simd.at(canvas, i * pitch * outputs)
                to_channels_first(source, outputs, outputs, width, simd.at(plane, i * width), height * width)


@parallel_region
def _whole_blocks(images: Images, grid: Grid, products: Products, target: Target, room: Room, blocks: Int, part, parts):
    """Some blocks, each with all its products; V and M are the thread's own."""
    channels, outputs = images.channels, target.outputs
    image = simd.at(room.data, part * room.share)
    bias = simd.at(image, images.box * channels + SLACK)
    canvas = simd.at(bias, outputs)
    v = simd.at(canvas, (grid.across * grid.step * grid.step + SLACK) * outputs)
    own = Products(v, products.u, simd.at(v, 36 * grid.tiles * channels), products.rows)
    clear(image, images.box * channels)
    copy_bias(target.bias, outputs, outputs, target.has_bias != 0, bias)
    chunks = (grid.down + grid.block_rows - 1) // grid.block_rows
    for number in range(bound(blocks, part, parts, chunks), bound(blocks, part + 1, parts, chunks)):
        block = _block_of(number, images.count, grid)
        strips = 0, block.strips
        _enter(images, grid, block, strips, image, own.v)
        _multiply(own, grid.tiles, block.strips * grid.across, channels, outputs, (0, 36))
        _leave(own.m, grid, block, strips, target, canvas, bias)


@inner
def _values(images, grid, block, v, image, part, parts):
    """V of a part of the strips of a block."""
    clear(image, images.box * images.channels)
    strips = bound(block.strips, part, parts, 1), bound(block.strips, part + 1, parts, 1)
    _enter(images, grid, block, strips, image, v)


@inner
def _results(images, grid, block, m, target, image, part, parts):
    """The outputs of a part of the strips of a block."""
    bias = simd.at(image, images.box * images.channels + SLACK)
    copy_bias(target.bias, target.outputs, target.outputs, target.has_bias != 0, bias)
    strips = bound(block.strips, part, parts, 1), bound(block.strips, part + 1, parts, 1)
    _leave(m, grid, block, strips, target, simd.at(bias, target.outputs), bias)


@supersteps
def _shared_blocks(images: Images, grid: Grid, products: Products, target: Target, room: Room, turn, part, parts):
    """One block after another, shared by all threads: its values by strips, products by points, outputs by strips."""
    block, stage = _block_of(turn // 3, images.count, grid), turn % 3
    image = simd.at(room.data, part * room.share)
    if stage == 0:
        _values(images, grid, block, products.v, image, part, parts)
    elif stage == 1:
        points = bound(36, part, parts, 1), bound(36, part + 1, parts, 1)
        _multiply(products, grid.tiles, block.strips * grid.across, images.channels, target.outputs, points)
    else:
        _results(images, grid, block, products.m, target, image, part, parts)


class _Prepared(NamedTuple):
    """What a shape of a pass and a number of threads need; numbers are fields of records."""

    outputs: int
    channels: int
    #: Fields of :class:`Images` behind the data.
    images: tuple
    grid: Grid
    rows: np.ndarray
    blocks: int
    sharing: bool
    #: Elements of scratch of a thread, and of V and M that are shared.
    share: int
    values: int


@lru_cache(maxsize=64)
def _nanoseconds(shape: Shape, backward: bool) -> float:
    step = 7 - shape.kernel[2]
    out = shape.size if backward else tuple(map(output_size, *shape[:GEOMETRY]))
    tiles = ceil_div(out[1], step) * ceil_div(out[2], step)
    return shape.images * tiles * shape.channels * shape.outputs / WINOGRAD_RATE


@lru_cache(maxsize=64)
def _prepared(shape: Shape, backward: bool, parts: int) -> _Prepared:
    k, pad, out = shape.kernel[2], shape.pad[2], tuple(map(output_size, *shape[:GEOMETRY]))
    channels, outputs, size = shape.channels, shape.outputs, shape.size
    if backward:
        channels, outputs, size, out, pad = outputs, channels, out, shape.size, k - 1 - pad
    step, images, item = 7 - k, shape.images, shape.dtype.itemsize
    down, across = ceil_div(out[1], step), ceil_div(out[2], step)
    box, per_image = (down * step + k - 1, across * step + k - 1), down * across
    block_images, block_rows = max(1, TILES // per_image), down if per_image <= 2 * TILES else max(1, TILES // across)
    blocks = ceil_div(images, block_images) * ceil_div(down, block_rows)
    sharing = parts > 1 and (channels * outputs >= LARGE or blocks < 2 * parts)
    if sharing:
        tiles = max(TILES, SHARED_BYTES // (36 * (channels + outputs) * item))
        block_images = min(images, max(1, tiles // per_image))
        block_rows = down if per_image <= tiles else max(1, tiles // across)
        blocks = ceil_div(images, block_images) * ceil_div(down, block_rows)
    # Every height of a tile, 4, 6, 8 or 12 rows, divides 24.
    tiles = aligned(block_images * block_rows * across, 24)
    values = 36 * tiles * (channels + outputs)
    share = prod(box) * channels + SLACK + outputs * (1 + across * step * step + SLACK)
    pixels = grid((0, pad, pad), (1, 1, 1), (1, *size[1:]), (1, *box))
    return _Prepared(
        outputs, channels, (images, channels, prod(size), pixels, prod(box), box[1]),
        Grid(step, down, across, block_images, block_rows, tiles), np.arange(SLACK, dtype=np.int64) * channels,
        blocks, sharing, aligned(share + (0 if sharing else values)), values if sharing else 0,
    )  # fmt: skip


def _run(p: _Prepared, parts: int, x: np.ndarray, u: np.ndarray, bias: np.ndarray | None, y: np.ndarray) -> None:
    """y = x convolved with the transformed weights u."""
    work = take("images", x.dtype, parts * p.share + p.values)
    v = work[parts * p.share :]
    m = v[36 * p.grid.tiles * p.channels :] if p.sharing else v
    source, products = Images(x, *p.images), Products(v, u, m, p.rows)
    target, room = Target(y, p.outputs, *y.shape[-2:], bias, bias is not None), Room(work, p.share)
    if p.sharing:
        _shared_blocks(parts, source, p.grid, products, target, room, turns=3 * p.blocks)
    else:
        _whole_blocks(parts, source, p.grid, products, target, room, p.blocks)


def _transformed(transform, weight: np.ndarray, outputs: int, channels: int) -> np.ndarray:
    """U of the weights, or of the weights rotated by 180 degrees."""
    k, lanes = weight.shape[-1], LANES
    # A nanosecond for each weight.
    parts = 1 if weight.size < LAUNCH else threads(weight.size)
    u = take("weights", weight.dtype, 36 * channels * outputs)
    work = take("taps", weight.dtype, parts * (k * k + lanes) * lanes * lanes)
    transform(parts, Weights(weight, outputs, channels, k, u), work)
    return u


def forward(shape: Shape, x, weight, bias, y) -> None:
    """``y = weight * x + bias`` for stride 1; N x C x H x W arrays, weight O x C x k x k, k 3 or 5."""
    parts = threads(_nanoseconds(shape, False))
    u = _transformed(_transform_weights, weight, shape.outputs, shape.channels)
    _run(_prepared(shape, False, parts), parts, x, u, bias, y)


def backward_input(shape: Shape, dy, weight, bias, dx) -> None:
    """The gradient with respect to x, plus ``bias`` unless it is None."""
    parts = threads(_nanoseconds(shape, True))
    u = _transformed(_transform_weights_back, weight, shape.channels, shape.outputs)
    _run(_prepared(shape, True, parts), parts, dy, u, bias, dx)


def takes(shape: Shape) -> bool:
    """Planes, wide enough in whole vectors, 3 x 3 or 5 x 5 taps side by side; not bit-near, so float32 and no more."""
    k, lanes = shape.kernel[2], LANES
    return (
        shape.dtype == np.float32
        and not shape.exact
        and shape.groups == 1
        and k in (3, 5)
        and shape.kernel == (1, k, k)
        and shape.size[0] == 1
        and shape.stride == shape.dilation == (1, 1, 1)
        and shape.pad == (0, shape.pad[2], shape.pad[2])
        and shape.pad[2] < k
        and min(shape.channels, shape.outputs) >= WIDE
        and shape.channels % lanes == shape.outputs % lanes == 0
    )


OUTPUT, GRAD_INPUT = Method(takes, forward), Method(takes, backward_input)
