"""The gradient of 3 x 3 and 5 x 5 weights by Winograd's algorithm, and of the bias.

A tile of 6 x 6 inputs and the 4 x 4 (2 x 2) gradients of its outputs, both in the domain of :mod:`transforms`,

    dU[point][output][channel] += sum over tiles of Y[point][tile][output] * V[point][tile][channel]

and dU is transformed to 3 x 3 (5 x 5) once at the end. Blocks of tiles follow one another; threads share each.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from ...gemm.microkernel import COLUMNS, ROWS, by_columns, null
from ...gemm.transpose import clear, edge_transposer, to_channels_last
from ...runtime.blocking import BLOCKING, WINOGRAD_RATE
from ...runtime.isa import lanes_of
from ...runtime.jit import inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import aligned, bound, ceil_div, threads
from ...runtime.records import Float, Int, Pointer, Table
from ...runtime.workspace import take
from ...simd import registers as simd
from ..blocks import NARROW, add_pixels, block_width
from ..geometry import SLACK, grid
from ..method import Method, Shape
from .output import takes
from .tiles import to_values
from .transforms import POINTS, output_map, taps_map, transform

#: Bytes of V and Y.
BLOCK_BYTES = 16 << 20
#: Rows of a tall tile, for runs that it divides better.
TALL = BLOCKING.tall
SHORT = NARROW // 2

_wide, _tall = by_columns(ROWS, COLUMNS), by_columns(TALL, COLUMNS)
_narrow, _short = by_columns(NARROW, 1), by_columns(SHORT, 1)

_gradients4, _gradients2 = transform(taps_map, 4, POINTS), transform(taps_map, 2, POINTS)
_weights3 = transform(lambda v: output_map(v, 3), POINTS, 3)
_weights5 = transform(lambda v: output_map(v, 5), POINTS, 5)
_transpose_edge = edge_transposer()


class Images(NamedTuple):
    """``count`` images, [channel][pixel], in planes of ``channels``, and the places of their pixels in a box."""

    data: Pointer
    channels: Int
    pixels: Int
    box_pixels: Table
    box: Int
    box_width: Int


class Grid(NamedTuple):
    """Tiles of ``step`` x ``step`` outputs, ``across`` in a row; ``tiles`` of a block in V and Y."""

    step: Int
    across: Int
    tiles: Int


class Block(NamedTuple):
    """Some rows of tiles of some images."""

    first: Int
    images: Int
    top: Int
    rows: Int


class Values(NamedTuple):
    """V, Y, dU in [point][output][channel] with some outputs more, and the sums of gradOutput of each image.

    ``boxes``: ``share`` elements for each part, for an image and its gradients with their borders.
    """

    v: Pointer
    y: Pointer
    du: Pointer
    sums: Pointer
    boxes: Pointer
    share: Int


class Weights(NamedTuple):
    """gradWeight [output][channel][k][k] and gradBias."""

    data: Pointer
    bias: Pointer
    has_bias: Int
    outputs: Int
    channels: Int
    k: Int


@inner
def _tile_rows(run, wide):
    """Rows of the tile that leaves the fewest of ``run`` rows over, the larger one where equal."""
    small, large = (ROWS, TALL) if wide else (SHORT, NARROW)
    return large if (run + large - 1) // large * large <= (run + small - 1) // small * small else small


class Tile(NamedTuple):
    """A run of Y and one of V, with elements from a tile to the next, and where their products go."""

    a: Pointer
    a_inner: Int
    b: Pointer
    b_inner: Int
    c: Pointer
    c_stride: Int
    start: Pointer


@inner
def _product(rows, wide, t, K):
    """One tile of the chosen rows, added to what ``start`` points to."""
    if wide:
        if rows == TALL:
            _tall(t.a, 0, t.a_inner, t.b, 0, t.b_inner, t.c, t.c_stride, t.start, t.c_stride, 1, K)
        else:
            _wide(t.a, 0, t.a_inner, t.b, 0, t.b_inner, t.c, t.c_stride, t.start, t.c_stride, 1, K)
    elif rows == NARROW:
        _narrow(t.a, 0, t.a_inner, t.b, 0, t.b_inner, t.c, t.c_stride, t.start, t.c_stride, 1, K)
    else:
        _short(t.a, 0, t.a_inner, t.b, 0, t.b_inner, t.c, t.c_stride, t.start, t.c_stride, 1, K)


@inner
def _gradient_values(image, pitch, outputs, tiling, row, y, tile):
    """Y of the tiles of one row of tiles."""
    lanes, step = simd.lanes(image), tiling.step
    line, plane = pitch * outputs, tiling.tiles * outputs
    for column in range(tiling.across):
        source = simd.at(image, row * step * line + column * step * outputs)
        for o in range(0, outputs, lanes):
            target = simd.at(y, (tile + column) * outputs + o)
            if step == 4:
                _gradients4(simd.at(source, o), line, outputs, target, 6 * plane, plane, target)
            else:
                _gradients2(simd.at(source, o), line, outputs, target, 6 * plane, plane, target)


@inner
def _copy(images, n, target):
    """Image n as [pixel][channel] with its border."""
    source, pixels, channels = simd.at(images.data, n * images.channels * images.pixels), images.pixels, images.channels
    to_channels_last(source, pixels, channels, pixels, target, images.box_pixels, channels)


@parallel_region
def _transform(images: Images, gradients: Images, tiling: Grid, block: Block, values: Values, part, parts):
    """V, Y and the sums of gradOutput of the images of a block."""
    channels, outputs = images.channels, gradients.channels
    image = simd.at(values.boxes, part * values.share)
    gradient = simd.at(image, images.box * channels + SLACK)
    clear(image, images.box * channels)
    clear(gradient, gradients.box * outputs)
    tiles = tiling.step, tiling.across, tiling.tiles
    for i in range(bound(block.images, part, parts, 1), bound(block.images, part + 1, parts, 1)):
        n = block.first + i
        _copy(images, n, image)
        _copy(gradients, n, gradient)
        if block.top == 0:
            sums = simd.at(values.sums, n * outputs)
            clear(sums, outputs)
            add_pixels(gradient, outputs, gradients.box, outputs, sums)
        for row in range(block.rows):
            tile = (i * block.rows + row) * tiling.across
            to_values(image, images.box_width, channels, tiles, block.top + row, values.v, tile)
            _gradient_values(gradient, gradients.box_width, outputs, tiling, block.top + row, values.y, tile)


@parallel_region
def _products(values: Values, tiling: Grid, weights: Weights, used: Int, add: Int, part, parts):
    """dU of some points: set, or with ``add`` added to."""
    outputs, channels, tiles, lanes = weights.outputs, weights.channels, tiling.tiles, simd.lanes(values.v)
    nothing = null(values.v)
    for point in range(bound(36, part, parts, 1), bound(36, part + 1, parts, 1)):
        c = 0
        while c < channels:
            width = block_width(channels - c, lanes)
            b = simd.at(values.v, point * tiles * channels + c)
            rows = _tile_rows(outputs, width > lanes)
            for o in range(0, outputs, rows):
                a = simd.at(values.y, point * tiles * outputs + o)
                target = simd.at(values.du, (point * (outputs + SLACK) + o) * channels + c)
                tile = Tile(a, outputs, b, channels, target, channels, target if add else nothing)
                _product(rows, width > lanes, tile, used)
            c += width


@inner
def _add_taps(tmp, k2, turned, weights, at, scale):
    """gradWeight += scale * tmp[tap][channel] for a vector of channels, whose first weight is number ``at``."""
    lanes = simd.lanes(tmp)
    for e in range(0, k2, lanes):
        _transpose_edge(simd.at(tmp, e * lanes), lanes, k2 - e, lanes, turned, lanes)
        count = min(lanes, k2 - e)
        for j in range(lanes):
            place = at + j * k2 + e
            total = simd.fma(simd.load(turned, j * lanes), scale, simd.load_first(weights.data, place, count))
            simd.store_first(weights.data, place, total, count)


@parallel_region
def _finish(values: Values, weights: Weights, images: Int, scale: Float, work: Pointer, part, parts):
    """gradWeight += scale * (dU transformed), gradBias += scale * sums."""
    outputs, channels, k2, lanes = weights.outputs, weights.channels, weights.k * weights.k, simd.lanes(work)
    tmp = simd.at(work, part * (k2 + 2 * lanes) * lanes)
    turned = simd.at(tmp, (k2 + lanes) * lanes)
    plane = (outputs + SLACK) * channels
    for o in range(bound(outputs, part, parts, 1), bound(outputs, part + 1, parts, 1)):
        for c in range(0, channels, lanes):
            source = simd.at(values.du, o * channels + c)
            if weights.k == 3:
                _weights3(source, 6 * plane, plane, tmp, 3 * lanes, lanes, tmp)
            else:
                _weights5(source, 6 * plane, plane, tmp, 5 * lanes, lanes, tmp)
            _add_taps(tmp, k2, turned, weights, (o * channels + c) * k2, scale)
        if weights.has_bias:
            total = 0.0
            for n in range(images):
                total += simd.get(values.sums, n * outputs + o)
            simd.put(weights.bias, o, simd.get(weights.bias, o) + scale * total)


@lru_cache(maxsize=64)
def _box_pixels(size: tuple[int, int], pad: int, box: tuple[int, int]) -> np.ndarray:
    """Places of the pixels of an image in its box."""
    return grid((0, pad, pad), (1, 1, 1), (1, *size), (1, *box))


def backward_weight(shape: Shape, x, dy, dweight, dbias, scale: float) -> None:
    """Add ``scale`` times the gradients to ``dweight`` (O x C x k x k) and, unless None, ``dbias``."""
    images, channels, outputs, size, out = shape.images, shape.channels, shape.outputs, shape.size[1:], dy.shape[-2:]
    k, pad, lanes = shape.kernel[2], shape.pad[2], lanes_of(x.itemsize)
    step = 7 - k
    down, across = ceil_div(out[0], step), ceil_div(out[1], step)
    box, out_box = (down * step + k - 1, across * step + k - 1), (down * step, across * step)
    tiles = max(64, BLOCK_BYTES // (36 * (channels + outputs) * x.itemsize))
    block_images = min(images, max(1, tiles // (down * across)))
    block_rows = down if block_images > 1 else min(down, max(1, tiles // across))
    tiles = block_images * block_rows * across
    parts = threads(images * down * across * channels * outputs / WINOGRAD_RATE)
    share = aligned(prod(box) * channels + SLACK + (prod(out_box) + SLACK) * outputs)
    work = take("images", x.dtype, parts * share + 36 * tiles * (channels + outputs) + SLACK)
    v = work[parts * share :]
    sums = take("taps", x.dtype, images * outputs + parts * (k * k + 2 * lanes) * lanes)
    du = take("weights", x.dtype, 36 * (outputs + SLACK) * channels)
    values = Values(v, v[36 * tiles * channels :], du, sums, work, share)
    source = Images(x, channels, prod(size), _box_pixels(size, pad, box), prod(box), box[1])
    gradients = Images(dy, outputs, prod(out), _box_pixels(out, 0, out_box), prod(out_box), out_box[1])
    tiling, weights = Grid(step, across, tiles), Weights(dweight, dbias, dbias is not None, outputs, channels, k)
    for first in range(0, images, block_images):
        for top in range(0, down, block_rows):
            block = Block(first, min(block_images, images - first), top, min(block_rows, down - top))
            _transform(min(parts, block.images), source, gradients, tiling, block, values)
            used = block.images * block.rows * across
            _products(parts, values, tiling, weights, used, first > 0 or top > 0)
    _finish(parts, values, weights, images, float(scale), sums[images * outputs :])


GRAD_WEIGHT = Method(takes, backward_weight)
