"""The gradient of 3 x 3, 5 x 5 and 4 x 4 weights by Winograd's algorithm, and of the bias.

A tile of 6 x 6 inputs and the 4 x 4 (2 x 2) gradients of its outputs, both in the domain of :mod:`transforms`,

    dU[point][output][channel] += sum over tiles of Y[point][tile][output] * V[point][tile][channel]

and dU is transformed to 3 x 3 (5 x 5) once at the end. 4 x 4 weights with a stride of 2 are four of 2 x 2, each for the
inputs at even or odd places, whose channels lie side by side, and have tiles of 5 x 5. Blocks of tiles follow one
another; threads share each. Where there are many tiles for the size of dU, the images are divided into groups with a
dU of their own: what a thread has transformed it multiplies itself, while the values are in its caches.
"""

from __future__ import annotations

from math import prod
from typing import NamedTuple

from ...gemm.macrokernel import ask_for
from ...gemm.microkernel import COLUMNS, ROWS, by_columns, null
from ...gemm.transpose import clear, to_channels_last
from ...runtime.blocking import BLOCKING, WINOGRAD_RATE
from ...runtime.jit import inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import aligned, bound, ceil_div, threads
from ...runtime.records import Int, Pointer, Table
from ...runtime.workspace import take, take_shares
from ...simd import registers as simd
from ..blocks import NARROW, add_pixels, block_width
from ..geometry import SLACK
from ..method import Method, Shape
from .gradient_taps import Values, Weights, finish
from .groups import Block, blocks_of, groups_of, images_of, join
from .shapes import WIDE, box_of, takes, tiling, vector_of
from .tiles import Strip, Tiling, over_strip, to_values
from .transformed_weights import LANES, in_vectors
from .transforms import POINTS, five_taps, linear, taps_map, transform

#: Bytes of V and Y: many, where dU is large and read for each block, and a share of the third cache where it is small.
BLOCK_BYTES, NARROW_BYTES = 16 << 20, 4 << 20
#: Rows of a tall tile, for runs that it divides better.
TALL = BLOCKING.tall
SHORT = NARROW // 2

_wide, _tall = by_columns(ROWS, COLUMNS), by_columns(TALL, COLUMNS)
_narrow, _short = by_columns(NARROW, 1), by_columns(SHORT, 1)

_gradients4, _gradients2 = transform(taps_map, 4, POINTS), transform(taps_map, 2, POINTS)
_gradients4_of_5 = transform(linear(five_taps(4)), 4, 5)


class Images(NamedTuple):
    """Images, [channel][pixel], and the places of their pixels in a box, of which one is ``phases`` pixels.

    ``pitch``: channels in whole vectors, filled up with zeros.
    """

    data: Pointer
    channels: Int
    pitch: Int
    pixels: Int
    box_pixels: Table
    box: Int
    box_width: Int
    phases: Int


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


@over_strip
def _four_at_five(tile, strip, outputs, values):
    """The values of 4 x 4 gradients at 5 x 5 points."""
    _gradients4_of_5(tile, strip.line, outputs, values, 5 * strip.plane, strip.plane, values)


@over_strip
def _four_at_six(tile, strip, outputs, values):
    """The values of 4 x 4 gradients at 6 x 6 points."""
    _gradients4(tile, strip.line, outputs, values, 6 * strip.plane, strip.plane, values)


@over_strip
def _two_at_six(tile, strip, outputs, values):
    """The values of 2 x 2 gradients at 6 x 6 points."""
    _gradients2(tile, strip.line, outputs, values, 6 * strip.plane, strip.plane, values)


@inner
def _gradient_values(image, pitch, outputs, tiling, row, y, tile):
    """Y of the tiles of one row of tiles."""
    line, step = pitch * outputs, tiling.step
    strip = Strip(tiling.across, step * outputs, line, tiling.tiles * outputs)
    source, target = simd.at(image, row * step * line), simd.at(y, tile * outputs)
    if tiling.points == 5:
        _four_at_five(source, strip, outputs, target)
    elif step == 4:
        _four_at_six(source, strip, outputs, target)
    else:
        _two_at_six(source, strip, outputs, target)


@inner
def _copy(images, n, target):
    """Image n as [pixel][channel] with its border."""
    source, pixels, channels = simd.at(images.data, n * images.channels * images.pixels), images.pixels, images.channels
    to_channels_last(source, pixels, channels, pixels, target, images.box_pixels, images.pitch)


@parallel_region
def _transform(images: Images, gradients: Images, tiling: Tiling, block: Block, values: Values, part, parts):
    """V, Y and the sums of gradOutput of the images of a block."""
    channels, outputs = images.pitch * images.phases, gradients.pitch
    image = simd.at(values.boxes, part * values.share)
    gradient = simd.at(image, images.box * channels + SLACK)
    clear(image, images.box * channels)
    clear(gradient, gradients.box * outputs)
    places = block.groups * block.images
    for place in range(bound(places, part, parts, 1), bound(places, part + 1, parts, 1)):
        group, place = place // block.images, place % block.images
        first, count = images_of(block, group)
        n, v, y = first + place, simd.at(values.v, group * values.step), simd.at(values.y, group * values.step)
        for row in range(block.rows if n < first + count else 0):
            if row == 0:
                _copy(images, n, image)
                _copy(gradients, n, gradient)
                _sum(gradient, gradients, simd.at(values.sums, n * outputs), block.top)
            tile = (place * block.rows + row) * tiling.across
            to_values(image, images.box_width, channels, tiling, block.top + row, v, tile)
            _gradient_values(gradient, gradients.box_width, outputs, tiling, block.top + row, y, tile)


@inner
def _sum(gradient, gradients, sums, top):
    """The sums of the pixels of an image, once: with its first row of tiles."""
    if top == 0:
        clear(sums, gradients.pitch)
        add_pixels(gradient, gradients.pitch, gradients.box, gradients.pitch, sums)


@inner
def _point(y, v, du, weights, used, add):
    """dU of one point and group."""
    outputs, channels, lanes, c = weights.rows, weights.wide, simd.lanes(v), 0
    nothing = null(v)
    while c < channels:
        width = block_width(channels - c, lanes)
        rows = _tile_rows(outputs, width > lanes)
        for o in range(0, outputs, rows):
            target = simd.at(du, o * channels + c)
            start = target if add else nothing
            if add:
                ask_for(target, channels, rows, width)
            tile = Tile(simd.at(y, o), outputs, simd.at(v, c), channels, target, channels, start)
            _product(rows, width > lanes, tile, used)
        c += width


@parallel_region
def _products(values: Values, tiling: Tiling, weights: Weights, block: Block, add: Int, part, parts):
    """dU of some points of some groups: set, or with ``add`` added to."""
    outputs, channels, points = weights.rows, weights.wide, tiling.points * tiling.points
    all_points = block.groups * points
    for n in range(bound(all_points, part, parts, 1), bound(all_points, part + 1, parts, 1)):
        (_, count), tile, at = images_of(block, n // points), n % points * tiling.tiles, n // points * values.step
        if count > 0:
            y, v = simd.at(values.y, at + tile * outputs), simd.at(values.v, at + tile * channels)
            du = simd.at(values.du, n * (outputs + SLACK) * channels)
            _point(y, v, du, weights, count * block.rows * tiling.across, add)


def backward_weight(shape: Shape, x, dy, dweight, dbias, scale: float) -> None:
    """Add ``scale`` times the gradients to ``dweight`` (O x C x k x k) and, unless None, ``dbias``."""
    images, channels, outputs, size, out = shape.images, shape.channels, shape.outputs, shape.size[1:], dy.shape[-2:]
    k, pad, lanes, (points, step, phases) = shape.kernel[2], shape.pad[2], vector_of(shape), tiling(shape)
    down, across = ceil_div(out[0], step), ceil_div(out[1], step)
    pixels, box = box_of(size, pad, phases, (down * step + points - step, across * step + points - step))
    gradient_pixels, gradient_box = box_of(out, 0, 1, (down * step, across * step))
    pitch, rows = aligned(channels, lanes), aligned(outputs, lanes)
    wide, planes = pitch * phases, points * points
    size_of_block = BLOCK_BYTES if min(channels, outputs) >= WIDE else NARROW_BYTES
    # Of whole vectors: how sums are divided does not depend on the vectors.
    sizes = aligned(channels, LANES) * phases, aligned(outputs, LANES)
    groups = groups_of(images, images * down * across, *sizes)
    tiles = max(64, size_of_block // (planes * sum(sizes) * x.itemsize))
    blocks = blocks_of(images, (down, across), groups, tiles)
    tiles = blocks[0].images * blocks[0].rows * across
    parts = threads(images * down * across * planes * wide * rows / (36 * WINOGRAD_RATE))
    share = aligned(prod(box) * wide + SLACK + (prod(gradient_box) + SLACK) * rows)
    boxes, share = take_shares("images", x.dtype, parts, share)
    v, step_of_group = take_shares("values", x.dtype, groups, planes * tiles * (wide + rows) + SLACK)
    sums = take("taps", x.dtype, images * rows + parts * (k * k + 2 * lanes) * lanes)
    of_group = planes * (rows + SLACK) * wide
    du = take("weights", x.dtype, groups * of_group)
    values = Values(v, v[planes * tiles * wide :], step_of_group, du, sums, boxes, share)
    source = Images(x, channels, pitch, prod(size), pixels, prod(box), box[1], phases)
    gradients = Images(dy, outputs, rows, prod(out), gradient_pixels, prod(gradient_box), gradient_box[1], 1)
    plan, weights = (
        Tiling(points, 1, 0, step, across, tiles),
        Weights(dweight, dbias, dbias is not None, outputs, rows, channels, k, wide, phases),
    )
    for n, block in enumerate(blocks):
        in_vectors(_transform, lanes)(min(parts, groups * block.images), source, gradients, plan, block, values)
        in_vectors(_products, lanes)(parts, values, plan, weights, block, n > 0)
    if groups > 1:
        join(parts, du, groups, of_group)
    in_vectors(finish, lanes)(parts, values, weights, images, float(scale), sums[images * rows :])


GRAD_WEIGHT = Method(takes, backward_weight)
