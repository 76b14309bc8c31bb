"""The gradient of 3 x 3, 5 x 5 and 4 x 4 weights by Winograd's algorithm, and of the bias.

A tile of 6 x 6 inputs and the 4 x 4 (2 x 2) gradients of its outputs, both in the domain of :mod:`transforms`,

    dU[point][output][channel] += sum over tiles of Y[point][tile][output] * V[point][tile][channel]

and dU is transformed to 3 x 3 (5 x 5) once at the end. 4 x 4 weights with a stride of 2 are four of 2 x 2, each for the
inputs at even or odd places, whose channels lie side by side, and have tiles of 5 x 5. Blocks of tiles follow one
another; threads share each.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

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
from ..geometry import SLACK
from ..method import Method, Shape
from .shapes import WIDE, box_of, takes, tiling
from .tiles import Tiling, to_values
from .transforms import POINTS, five_outputs, five_taps, linear, output_map, taps_map, transform

#: Bytes of V and Y: many, where dU is large and read for each block, and a share of the third cache where it is small.
BLOCK_BYTES, NARROW_BYTES = 16 << 20, 4 << 20
#: Rows of a tall tile, for runs that it divides better.
TALL = BLOCKING.tall
SHORT = NARROW // 2

_wide, _tall = by_columns(ROWS, COLUMNS), by_columns(TALL, COLUMNS)
_narrow, _short = by_columns(NARROW, 1), by_columns(SHORT, 1)

_gradients4, _gradients2 = transform(taps_map, 4, POINTS), transform(taps_map, 2, POINTS)
_weights3 = transform(lambda v: output_map(v, 3), POINTS, 3)
_weights5 = transform(lambda v: output_map(v, 5), POINTS, 5)
_gradients4_of_5, _weights2 = transform(linear(five_taps(4)), 4, 5), transform(linear(five_outputs(2)), 5, 2)
_transpose_edge = edge_transposer()


class Images(NamedTuple):
    """Images, [channel][pixel], and the places of their pixels in a box, of which one is ``phases`` pixels."""

    data: Pointer
    channels: Int
    pixels: Int
    box_pixels: Table
    box: Int
    box_width: Int
    phases: Int


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
    """gradWeight [output][channel][k][k] and gradBias; ``wide``: the channels of V, those of all phases."""

    data: Pointer
    bias: Pointer
    has_bias: Int
    outputs: Int
    channels: Int
    k: Int
    wide: Int


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
def _values_of_gradients(tiling, source, line, outputs, target, plane):
    """The values of one tile, for a vector of outputs."""
    if tiling.points == 5:
        _gradients4_of_5(source, line, outputs, target, 5 * plane, plane, target)
    elif tiling.step == 4:
        _gradients4(source, line, outputs, target, 6 * plane, plane, target)
    else:
        _gradients2(source, line, outputs, target, 6 * plane, plane, target)


@inner
def _gradient_values(image, pitch, outputs, tiling, row, y, tile):
    """Y of the tiles of one row of tiles."""
    lanes, step = simd.lanes(image), tiling.step
    line, plane = pitch * outputs, tiling.tiles * outputs
    for column in range(tiling.across):
        source = simd.at(image, row * step * line + column * step * outputs)
        for o in range(0, outputs, lanes):
            target = simd.at(y, (tile + column) * outputs + o)
            _values_of_gradients(tiling, simd.at(source, o), line, outputs, target, plane)


@inner
def _copy(images, n, target):
    """Image n as [pixel][channel] with its border."""
    source, pixels, channels = simd.at(images.data, n * images.channels * images.pixels), images.pixels, images.channels
    to_channels_last(source, pixels, channels, pixels, target, images.box_pixels, channels)


@parallel_region
def _transform(images: Images, gradients: Images, tiling: Tiling, block: Block, values: Values, part, parts):
    """V, Y and the sums of gradOutput of the images of a block."""
    channels, outputs = images.channels * images.phases, gradients.channels
    image = simd.at(values.boxes, part * values.share)
    gradient = simd.at(image, images.box * channels + SLACK)
    clear(image, images.box * channels)
    clear(gradient, gradients.box * outputs)
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
            to_values(image, images.box_width, channels, tiling, block.top + row, values.v, tile)
            _gradient_values(gradient, gradients.box_width, outputs, tiling, block.top + row, values.y, tile)


@parallel_region
def _products(values: Values, tiling: Tiling, weights: Weights, used: Int, add: Int, part, parts):
    """dU of some points: set, or with ``add`` added to."""
    outputs, channels, tiles, lanes = weights.outputs, weights.wide, tiling.tiles, simd.lanes(values.v)
    nothing, points = null(values.v), tiling.points * tiling.points
    for point in range(bound(points, part, parts, 1), bound(points, part + 1, parts, 1)):
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
def _to_taps(source, k, plane, phase, tmp):
    """tmp[tap][channel] of a vector of channels; from a phase to the next are ``phase`` elements of dU."""
    lanes = simd.lanes(tmp)
    if k == 3:
        _weights3(source, 6 * plane, plane, tmp, 3 * lanes, lanes, tmp)
    elif k == 5:
        _weights5(source, 6 * plane, plane, tmp, 5 * lanes, lanes, tmp)
    else:
        for n in range(4):
            target = simd.at(tmp, (n // 2 * 4 + n % 2) * lanes)
            _weights2(simd.at(source, n * phase), 5 * plane, plane, target, 8 * lanes, 2 * lanes, tmp)


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
    plane = (outputs + SLACK) * weights.wide
    for o in range(bound(outputs, part, parts, 1), bound(outputs, part + 1, parts, 1)):
        for c in range(0, channels, lanes):
            _to_taps(simd.at(values.du, o * weights.wide + c), weights.k, plane, channels, tmp)
            _add_taps(tmp, k2, turned, weights, (o * channels + c) * k2, scale)
        if weights.has_bias:
            total = 0.0
            for n in range(images):
                total += simd.get(values.sums, n * outputs + o)
            simd.put(weights.bias, o, simd.get(weights.bias, o) + scale * total)


def backward_weight(shape: Shape, x, dy, dweight, dbias, scale: float) -> None:
    """Add ``scale`` times the gradients to ``dweight`` (O x C x k x k) and, unless None, ``dbias``."""
    images, channels, outputs, size, out = shape.images, shape.channels, shape.outputs, shape.size[1:], dy.shape[-2:]
    k, pad, lanes, (points, step, phases) = shape.kernel[2], shape.pad[2], lanes_of(x.itemsize), tiling(shape)
    down, across = ceil_div(out[0], step), ceil_div(out[1], step)
    pixels, box = box_of(size, pad, phases, (down * step + points - step, across * step + points - step))
    gradient_pixels, gradient_box = box_of(out, 0, 1, (down * step, across * step))
    wide, planes = channels * phases, points * points
    size_of_block = BLOCK_BYTES if min(channels, outputs) >= WIDE else NARROW_BYTES
    tiles = max(64, size_of_block // (planes * (wide + outputs) * x.itemsize))
    block_images = min(images, max(1, tiles // (down * across)))
    block_rows = down if block_images > 1 else min(down, max(1, tiles // across))
    tiles = block_images * block_rows * across
    parts = threads(images * down * across * planes * wide * outputs / (36 * WINOGRAD_RATE))
    share = aligned(prod(box) * wide + SLACK + (prod(gradient_box) + SLACK) * outputs)
    work = take("images", x.dtype, parts * share + planes * tiles * (wide + outputs) + SLACK)
    v = work[parts * share :]
    sums = take("taps", x.dtype, images * outputs + parts * (k * k + 2 * lanes) * lanes)
    du = take("weights", x.dtype, planes * (outputs + SLACK) * wide)
    values = Values(v, v[planes * tiles * wide :], du, sums, work, share)
    source = Images(x, channels, prod(size), pixels, prod(box), box[1], phases)
    gradients = Images(dy, outputs, prod(out), gradient_pixels, prod(gradient_box), gradient_box[1], 1)
    plan, weights = (
        Tiling(points, 1, 0, step, across, tiles),
        Weights(dweight, dbias, dbias is not None, outputs, channels, k, wide),
    )
    for first in range(0, images, block_images):
        for top in range(0, down, block_rows):
            block = Block(first, min(block_images, images - first), top, min(block_rows, down - top))
            _transform(min(parts, block.images), source, gradients, plan, block, values)
            used = block.images * block.rows * across
            _products(parts, values, plan, weights, used, first > 0 or top > 0)
    _finish(parts, values, weights, images, float(scale), sums[images * outputs :])


GRAD_WEIGHT = Method(takes, backward_weight)
