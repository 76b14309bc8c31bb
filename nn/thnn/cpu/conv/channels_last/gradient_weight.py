"""Convolution in 1 to 3 dimensions: the gradients of weight and bias, computed directly.

Images are copied to scratch as [pixel][channel] with their border, several small ones together, and gradOutput as
[pixel][output] by blocks. The gradient of a weight sums, over the output pixels, what its tap sees of the image.
Images are summed in a fixed number of chunks, and these in order, whatever the number of threads.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from ...gemm.microkernel import COLUMNS, ROWS
from ...gemm.transpose import clear, to_channels_last
from ...runtime.blocking import CONVOLUTION_RATE
from ...runtime.isa import lanes_of
from ...runtime.jit import compact, inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import aligned, bound, ceil_div, pieces, threads
from ...runtime.records import Int, Pointer, Table
from ...runtime.workspace import take
from ...simd import registers as simd
from ..blocks import add_pixels, block_width
from ..geometry import SLACK, Triple, forward_plan
from ..method import GEOMETRY, Method, Shape
from .table_product import by_tables
from .weight_sums import Sums, Weights, finish

#: Chunks of images, times groups and blocks of outputs, and the bytes that the sums of several chunks may take.
CHUNKS = 16
SUM_BYTES = 8 << 20
#: Pixels that a tile sums over, and the bytes that small images together may take to have so many.
BLOCK_PIXELS = 128
IMAGE_BYTES = 512 << 10
#: Rows of a narrow tile, and what the rows of the sums are padded to: a multiple of ROWS, too.
NARROW_ROWS = 8

_wide, _narrow = by_tables(ROWS, COLUMNS), by_tables(NARROW_ROWS, 1)


class Images(NamedTuple):
    """Images, [image][group][channel][pixel], and where their pixels lie in a box with the border."""

    data: Pointer
    count: Int
    groups: Int
    channels: Int
    pixels: Int
    box_pixels: Table
    #: Elements of a box, and from a pixel to the next.
    box: Int
    pitch: Int


class Gradients(NamedTuple):
    """gradOutput, ``stride`` elements from an image to the next; ``numbers`` counts the pixels of a block."""

    data: Pointer
    outputs: Int
    pixels: Int
    stride: Int
    numbers: Table


class Taps(NamedTuple):
    """What the rows of the sums read of an image, ``offsets``, and where pixels of gradOutput look, ``indices``."""

    offsets: Table
    rows: Int
    indices: Table
    #: Pixels of gradOutput of a block, and images that lie together.
    block: Int
    together: Int


@inner
def _read(gradients, start, pixels, outputs, width, panel):
    """panel[p - first][o] = gradOutput from ``start`` on, for a range of pixels counted on from image to image."""
    first, last = pixels
    p, size = first, gradients.pixels
    while p < last:
        n, q = p // size, p % size
        count = min(size - q, last - p)
        source, target = simd.at(start, n * gradients.stride + q), simd.at(panel, (p - first) * width)
        to_channels_last(source, size, outputs, count, target, gradients.numbers, width)
        p += count


@inner
def _products(image, taps, indices, panel, count, width, sums):
    """sums[m][o] += sum over ``count`` pixels of image[offsets[m] + indices[p]] panel[p][o]"""
    if width > simd.lanes(image):
        for m in range(0, taps.rows, ROWS):
            _wide(image, simd.at(taps.offsets, m), indices, panel, simd.at(sums, m * width), count)
    else:
        for m in range(0, taps.rows, NARROW_ROWS):
            _narrow(image, simd.at(taps.offsets, m), indices, panel, simd.at(sums, m * width), count)


@inner
@compact
def _accumulate(image, taps, gradients, total, outputs, has_bias, panel, sums):
    """Add to the sums of a range of outputs what ``total`` pixels of gradOutput give."""
    o, last = outputs
    rows = taps.rows
    while o < last:
        width = block_width(gradients.outputs - o, simd.lanes(image))
        start, target = simd.at(gradients.data, o * gradients.pixels), simd.at(sums, o * (rows + 1))
        for p in range(0, total, taps.block):
            count = min(taps.block, total - p)
            _read(gradients, start, (p, p + count), min(width, gradients.outputs - o), width, panel)
            _products(image, taps, simd.at(taps.indices, p), panel, count, width, target)
            if has_bias:
                add_pixels(panel, width, count, width, simd.at(target, rows * width))
        o += width


@inner
def _copy_images(images, n, count, target):
    """``count`` images of a group, from image n on, with their borders."""
    pixels = images.pixels
    for g in range(count):
        source = simd.at(images.data, (n + g * images.groups) * images.channels * pixels)
        box = simd.at(target, g * images.box)
        to_channels_last(source, pixels, images.channels, pixels, box, images.box_pixels, images.pitch)


@parallel_region
@compact
def _sum_chunks(images: Images, gradients: Gradients, taps: Taps, sums: Sums, work: Pointer, share: Int, part, parts):
    """The sums of some jobs: a chunk of the images and a split of the outputs of a group."""
    wide, outputs, pixels = COLUMNS * simd.lanes(work), gradients.outputs, gradients.pixels
    image = simd.at(work, part * share)
    panel = simd.at(image, taps.together * images.box + SLACK)
    clear(image, taps.together * images.box)
    clear(panel, taps.block * wide)
    jobs = images.groups * sums.chunks * sums.splits
    for job in range(bound(jobs, part, parts, 1), bound(jobs, part + 1, parts, 1)):
        group, chunk, split = job // (sums.chunks * sums.splits), job // sums.splits % sums.chunks, job % sums.splits
        first, last = bound(sums.padded, split, sums.splits, wide), bound(sums.padded, split + 1, sums.splits, wide)
        own = simd.at(sums.data, (group * sums.chunks + chunk) * sums.size)
        clear(simd.at(own, first * (taps.rows + 1)), (last - first) * (taps.rows + 1))
        stop = bound(images.count, chunk + 1, sums.chunks, 1)
        for i in range(bound(images.count, chunk, sums.chunks, 1), stop, taps.together):
            count, n = min(taps.together, stop - i), i * images.groups + group
            _copy_images(images, n, count, image)
            start = simd.at(gradients.data, n * outputs * pixels)
            dy = Gradients(start, outputs, pixels, gradients.stride, gradients.numbers)
            _accumulate(image, taps, dy, count * pixels, (first, min(last, outputs)), sums.has_bias, panel, own)


class _Prepared(NamedTuple):
    """What a shape of images and weights needs; numbers of elements in scratch are in pixels times ``pitch``."""

    #: Elements from a pixel to the next, and of a box.
    pitch: int
    box: int
    #: Pixel of the box for each pixel of the image.
    box_pixels: np.ndarray
    #: The row of the sums of each weight of an output.
    order: np.ndarray
    taps: Taps


@lru_cache(maxsize=64)
def _prepared(geometry: tuple[Triple, ...], channels: int, item: int) -> _Prepared:
    plan = forward_plan(*geometry, 1)
    _, kernel, _, _, dilation = geometry
    line = lanes_of(item)
    # An odd number of vectors from pixel to pixel spreads the pixels over the sets of the cache.
    pitch = channels if channels < 2 * line else aligned(channels, line) | line
    box = plan.box[0] * plan.box[1] * plan.box[2] * pitch
    taps = [
        ((d * dilation[0] * plan.box[1] + h * dilation[1]) * plan.box[2] + w * dilation[2]) * pitch
        for d, h, w in product(*map(range, kernel))
    ]
    offsets = (np.array(taps)[:, None] + np.arange(channels)).reshape(-1)
    rows = aligned(len(offsets), NARROW_ROWS)
    offsets = np.concatenate([offsets, np.repeat(offsets[-1:], rows - len(offsets))]).astype(np.int64)
    order = np.arange(len(taps) * channels).reshape(len(taps), channels).T.reshape(-1)
    pixels, start = (int(n) for n in plan.phases[0, :2])
    together = max(1, min(BLOCK_PIXELS // pixels, IMAGE_BYTES // (box * item)))
    indices = (plan.tables[start : start + pixels] * pitch + np.arange(together)[:, None] * box).reshape(-1)
    # Blocks of one size, as few as possible.
    block = ceil_div(len(indices), ceil_div(len(indices), BLOCK_PIXELS))
    return _Prepared(
        pitch, box, plan.pixels, np.ascontiguousarray(order), Taps(offsets, rows, indices, block, together)
    )


@lru_cache(maxsize=1)
def _numbers() -> np.ndarray:
    return np.arange(BLOCK_PIXELS + SLACK)


def backward_weight(shape: Shape, x, dy, dweight, dbias, scale: float) -> None:
    """Add ``scale`` times the gradients to ``dweight`` and, unless None, ``dbias``."""
    groups, outputs, images, has_bias = shape.groups, shape.outputs, shape.images, dbias is not None
    tables = _prepared(shape[:GEOMETRY], shape.channels, x.itemsize)
    taps, out_pixels, lanes = tables.taps, prod(dy.shape[2:]), lanes_of(x.itemsize)
    wide = COLUMNS * lanes
    padded = aligned(outputs, wide)
    size = padded * (taps.rows + 1)
    chunks = max(1, min(images, CHUNKS * wide // (padded * groups), SUM_BYTES // (groups * size * x.itemsize)))
    parts = threads(images * dweight.size * out_pixels / CONVOLUTION_RATE)
    jobs = groups * chunks
    splits = pieces(jobs, parts, 4, padded // wide)  # each piece copies the images again
    sums = Sums(take("weights", x.dtype, jobs * size), size, chunks, padded, splits, has_bias)
    share = aligned(taps.together * tables.box + SLACK + (BLOCK_PIXELS + SLACK) * wide)
    _sum_chunks(
        min(parts, jobs * splits),
        Images(x, images, groups, shape.channels, prod(shape.size), tables.box_pixels, tables.box, tables.pitch),
        Gradients(dy, outputs, out_pixels, groups * outputs * out_pixels, _numbers()),
        taps,
        sums,
        take("images", x.dtype, parts * share),
        share,
    )
    weights = dweight.size // dweight.shape[0]
    parts = min(parts, groups * ceil_div(outputs, lanes))
    target = Weights(dweight, dbias, groups, outputs, weights, taps.rows, tables.order)
    finish(parts, sums, target, float(scale), take("taps", x.dtype, parts * 2 * lanes * lanes))


#: All shapes.
GRAD_WEIGHT = Method(lambda shape: True, backward_weight)
