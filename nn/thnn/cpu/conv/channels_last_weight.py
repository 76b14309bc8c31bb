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
from numba.core import types
from numba.extending import intrinsic

from ..gemm.microkernel import COLUMNS, ROWS, Address, Loop
from ..gemm.transpose import clear, to_channels_last, transposer
from ..runtime.blocking import CONVOLUTION_RATE
from ..runtime.isa import lanes_of
from ..runtime.jit import inner
from ..runtime.parallel import parallel_region
from ..runtime.partition import aligned, bound, ceil_div, pieces, threads
from ..runtime.records import Float, Int, Pointer, Table
from ..runtime.workspace import take
from ..simd import llvm
from ..simd import registers as simd
from ..simd.llvm import Value
from ..simd.vector import vector_type
from .blocks import block_width, packed_block
from .geometry import SLACK, Triple, forward_plan
from .method import GEOMETRY, Method, Shape

#: Chunks of images, times groups and blocks of outputs, and the bytes that the sums of several chunks may take.
CHUNKS = 16
SUM_BYTES = 8 << 20
#: Pixels that a tile sums over, and the bytes that small images together may take to have so many.
BLOCK_PIXELS = 128
IMAGE_BYTES = 512 << 10
#: Rows of a narrow tile, and what the rows of the sums are padded to: a multiple of ROWS, too.
NARROW_ROWS = 8


def _by_tables(rows: int, columns: int):
    """The product of :mod:`microkernel` for a tile of ``rows`` x ``columns`` vectors whose A is read by two tables::

    C[m][v] += sum over k < K of  a[offsets[m] + indices[k]] * b[k][v]
    """

    @intrinsic
    def tile(typing, a, offsets, indices, b, c, K):
        lanes = vector_type(b).lanes

        def generate(context, builder, sig, args):
            a, offsets, indices, b, c, K = args
            at = Address(builder)
            starts = [at.move(a, builder.load(at.move(offsets, m))) for m in range(rows)]
            kind = llvm.vector_of(b.type.pointee, lanes)
            loop = Loop(builder, K, [llvm.constant(kind, 0)] * (rows * columns), "indices")
            index = builder.load(builder.gep(indices, [loop.index]))
            row = at.move(b, loop.index, columns * lanes)
            vectors = [llvm.load(builder, at.move(row, v * lanes), lanes) for v in range(columns)]
            updated = []
            for m in range(rows):
                spread = llvm.splat(llvm.load(builder, builder.gep(starts[m], [index]), 0), lanes)
                for v in range(columns):
                    updated.append(llvm.fma(spread, vectors[v], Value(builder, loop.vectors[m * columns + v])).ir)
            loop.close(updated)
            for n, value in enumerate(updated):
                target = at.move(c, n * lanes)
                llvm.store(builder, target, Value(builder, value) + llvm.load(builder, target, lanes))
            return context.get_dummy_value()

        return types.void(a, offsets, indices, b, c, types.int64), generate

    return tile


_wide, _narrow = _by_tables(ROWS, COLUMNS), _by_tables(NARROW_ROWS, 1)
_transpose = transposer()


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


class Sums(NamedTuple):
    """[group][chunk][block of outputs][row, and at last the bias][width]; a chunk has ``size`` elements."""

    data: Pointer
    size: Int
    chunks: Int
    #: Outputs with those that fill the last block, and into how many splits they are divided.
    padded: Int
    splits: Int
    has_bias: Int


class Weights(NamedTuple):
    """gradWeight, [group][output][weight], the row of the sums of each weight of an output, and gradBias."""

    data: Pointer
    bias: Pointer
    groups: Int
    outputs: Int
    count: Int
    rows: Int
    order: Table


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
def add_pixels(dy, pitch, pixels, columns, sums):
    """sums[o] += sum over pixels of dy[pixel][o]"""
    for o in range(0, columns, simd.lanes(dy)):
        total, second, third, fourth = simd.load(sums, o), simd.splat(dy, 0), simd.splat(dy, 0), simd.splat(dy, 0)
        for p in range(0, pixels - 3, 4):
            row = simd.at(dy, p * pitch + o)
            total += simd.load(row, 0)
            second += simd.load(row, pitch)
            third += simd.load(row, 2 * pitch)
            fourth += simd.load(row, 3 * pitch)
        for p in range(pixels - pixels % 4, pixels):
            total += simd.load(dy, p * pitch + o)
        simd.store(sums, o, (total + second) + (third + fourth))


@inner
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


@inner
def _total(sums, size, chunks):
    """The sum of one vector of every chunk."""
    total = simd.load(sums, 0)
    for chunk in range(1, chunks):
        total += simd.load(sums, chunk * size)
    return total


@inner
def _add_rows(own, sums, weights, width, e, tile):
    """tile[j] = the sums of weight e + j of a vector of outputs, a vector's length of weights at most."""
    lanes = simd.lanes(tile)
    for j in range(min(lanes, weights.count - e)):
        row = simd.at(own, simd.get(weights.order, e + j) * width)
        simd.store(tile, j * lanes, _total(row, sums.size, sums.chunks))


@parallel_region
def _finish(sums: Sums, weights: Weights, scale: Float, work: Pointer, part, parts):
    """gradWeight += scale * sums of the chunks, gradBias likewise; a vector of outputs is a job."""
    lanes, rows = simd.lanes(work), weights.rows
    tile = simd.at(work, part * 2 * lanes * lanes)
    turned = simd.at(tile, lanes * lanes)
    blocks = (weights.outputs + lanes - 1) // lanes
    jobs = weights.groups * blocks
    for job in range(bound(jobs, part, parts, 1), bound(jobs, part + 1, parts, 1)):
        group, o = job // blocks, job % blocks * lanes
        start, width = packed_block(o, weights.outputs, lanes)
        own = simd.at(sums.data, group * sums.chunks * sums.size + start * (rows + 1) + o - start)
        many, first = min(lanes, weights.outputs - o), group * weights.outputs + o
        for e in range(0, weights.count, lanes):
            _add_rows(own, sums, weights, width, e, tile)
            count = min(lanes, weights.count - e)
            _transpose(tile, lanes, turned, lanes)
            for q in range(many):
                at = (first + q) * weights.count + e
                value = simd.fma(simd.load(turned, q * lanes), scale, simd.load_first(weights.data, at, count))
                simd.store_first(weights.data, at, value, count)
        if sums.has_bias:
            value = _total(simd.at(own, rows * width), sums.size, sums.chunks)
            value = simd.fma(value, scale, simd.load_first(weights.bias, first, many))
            simd.store_first(weights.bias, first, value, many)


class _Tables(NamedTuple):
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
def _tables(geometry: tuple[Triple, ...], channels: int, item: int) -> _Tables:
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
    return _Tables(pitch, box, plan.pixels, np.ascontiguousarray(order), Taps(offsets, rows, indices, block, together))


@lru_cache(maxsize=1)
def _numbers() -> np.ndarray:
    return np.arange(BLOCK_PIXELS + SLACK)


def backward_weight(shape: Shape, x, dy, dweight, dbias, scale: float) -> None:
    """Add ``scale`` times the gradients to ``dweight`` and, unless None, ``dbias``."""
    groups, outputs, images, has_bias = shape.groups, shape.outputs, shape.images, dbias is not None
    tables = _tables(shape[:GEOMETRY], shape.channels, x.itemsize)
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
    _finish(parts, sums, target, float(scale), take("taps", x.dtype, parts * 2 * lanes * lanes))


#: All shapes.
GRAD_WEIGHT = Method(lambda shape: True, backward_weight)
