"""Convolution in 1 to 3 dimensions: the gradients of weight and bias, computed directly.

Images are copied to scratch as [pixel][channel] with their border, several small ones together, and gradOutput as
[pixel][output] by blocks. The gradient of a weight sums, over the output pixels, what its tap sees of the image.
Images are summed in a fixed number of chunks, and these in order, whatever the number of threads.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np
from numba.core import types
from numba.extending import intrinsic

from ..gemm.microkernel import COLUMNS, ROWS, Address, Loop
from ..gemm.transpose import clear, to_pixels, transposer
from ..runtime.isa import lanes_of
from ..runtime.jit import inner
from ..runtime.parallel import team, unpack
from ..runtime.partition import bound, threads
from ..runtime.workspace import scratch
from ..simd import llvm as emit
from ..simd import registers as simd
from ..simd.llvm import Value
from ..simd.vector import vector_type
from .blocks import block_width, packed_block
from .geometry import SLACK, Triple, forward_plan

#: Chunks of images, times groups and blocks of outputs, and the bytes that the sums of several chunks may take.
CHUNKS = 16
SUMS = 8 << 20
#: Pixels that a tile sums over, and the bytes that small images together may take to have so many.
NEAR = 128
IMAGES = 512 << 10
#: Rows of a narrow tile, and what the rows of the sums are padded to: a multiple of ROWS, too.
TALL = 8


def _by_places(rows: int, columns: int):
    """The product of :mod:`microkernel` for a tile of ``rows`` x ``columns`` vectors whose A is read by two tables::

    C[m][v] += sum over k < K of  a[offsets[m] + places[k]] * b[k][v]
    """

    @intrinsic
    def tile(typing, a, offsets, places, b, c, K):
        lanes = vector_type(b).lanes

        def generate(context, builder, sig, args):
            a, offsets, places, b, c, K = args
            at = Address(builder)
            starts = [at.move(a, builder.load(at.move(offsets, m))) for m in range(rows)]
            kind = emit.vector_of(b.type.pointee, lanes)
            loop = Loop(builder, K, [emit.constant(kind, 0)] * (rows * columns), "places")
            place = builder.load(builder.gep(places, [loop.index]))
            row = at.move(b, loop.index, columns * lanes)
            vectors = [emit.load(builder, at.move(row, v * lanes), lanes) for v in range(columns)]
            updated = []
            for m in range(rows):
                spread = emit.splat(emit.load(builder, builder.gep(starts[m], [place]), 0), lanes)
                for v in range(columns):
                    updated.append(emit.fma(spread, vectors[v], Value(builder, loop.vectors[m * columns + v])).ir)
            loop.close(updated)
            for n, value in enumerate(updated):
                target = at.move(c, n * lanes)
                emit.store(builder, target, Value(builder, value) + emit.load(builder, target, lanes))
            return context.get_dummy_value()

        return types.void(a, offsets, places, b, c, types.int64), generate

    return tile


_wide, _narrow = _by_places(ROWS, COLUMNS), _by_places(TALL, 1)
_transpose = transposer()


@inner
def _read(dy, image_stride, pixels, start, stop, outputs, numbers, width, panel):
    """panel[p - start][o] = dy of the pixels from start to stop, counted on from image to image."""
    p = start
    while p < stop:
        n, q = p // pixels, p % pixels
        count = min(pixels - q, stop - p)
        source, target = simd.at(dy, n * image_stride + q), simd.at(panel, (p - start) * width)
        to_pixels(source, pixels, outputs, count, target, numbers, width)
        p += count


@inner
def _products(image, offsets, rows, places, panel, count, width, sums):
    """sums[m][o] += sum over ``count`` pixels of image[offsets[m] + places[p]] panel[p][o]"""
    if width > simd.lanes(image):
        for m in range(0, rows, ROWS):
            _wide(image, simd.at(offsets, m), places, panel, simd.at(sums, m * width), count)
    else:
        for m in range(0, rows, TALL):
            _narrow(image, simd.at(offsets, m), places, panel, simd.at(sums, m * width), count)


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
def _accumulate(
    image, offsets, rows, places, dy, image_stride, pixels, total, first, last, outputs, numbers, near, has_bias, panel,
    sums,
):  # fmt: skip
    """Add to the sums of the outputs first to last what ``total`` pixels of gradOutput give."""
    o = first
    while o < last:
        width = block_width(outputs - o, simd.lanes(image))
        source, target = simd.at(dy, o * pixels), simd.at(sums, o * (rows + 1))
        for p in range(0, total, near):
            count = min(near, total - p)
            _read(source, image_stride, pixels, p, p + count, min(width, outputs - o), numbers, width, panel)
            _products(image, offsets, rows, simd.at(places, p), panel, count, width, target)
            if has_bias:
                add_pixels(panel, width, count, width, simd.at(target, rows * width))
        o += width


@team
def _sum_chunks(frame, like, part, parts):
    """sums[group][chunk][block of outputs][row][width]: a chunk and a share of the outputs of a group are a job."""
    args = unpack(frame, like, "piiiitiipiiitittiiipiiipi")
    x, images, groups, channels, pixels, inside, box, pitch, dy, outputs, out_pixels, padded, offsets = args[:13]
    rows, places, numbers, near, together, has_bias, sums, size, chunks, splits, work, share = args[13:]
    wide = COLUMNS * simd.lanes(x)
    image = simd.at(work, part * share)
    panel = simd.at(image, together * box + SLACK)
    clear(image, together * box)
    clear(panel, near * wide)
    jobs = groups * chunks * splits
    for job in range(bound(jobs, part, parts, 1), bound(jobs, part + 1, parts, 1)):
        group, chunk, split = job // (chunks * splits), job // splits % chunks, job % splits
        first, last = bound(padded, split, splits, wide), bound(padded, split + 1, splits, wide)
        own = simd.at(sums, (group * chunks + chunk) * size)
        clear(simd.at(own, first * (rows + 1)), (last - first) * (rows + 1))
        stop = bound(images, chunk + 1, chunks, 1)
        for i in range(bound(images, chunk, chunks, 1), stop, together):
            count, n = min(together, stop - i), i * groups + group
            for g in range(count):
                source, target = simd.at(x, (n + g * groups) * channels * pixels), simd.at(image, g * box)
                to_pixels(source, pixels, channels, pixels, target, inside, pitch)
            _accumulate(
                image, offsets, rows, places, simd.at(dy, n * outputs * out_pixels), groups * outputs * out_pixels,
                out_pixels, count * out_pixels, first, min(last, outputs), outputs, numbers, near, has_bias, panel, own,
            )  # fmt: skip


@inner
def _total(sums, size, chunks):
    """The sum of one vector of every chunk."""
    total = simd.load(sums, 0)
    for chunk in range(1, chunks):
        total += simd.load(sums, chunk * size)
    return total


@team
def _finish(frame, like, part, parts):
    """dweight += scale * sums of the chunks, dbias likewise; a vector of outputs is a job."""
    args = unpack(frame, like, "piiiiiitppifp")
    sums, groups, size, chunks, outputs, rows, weights, order, dweight, dbias, has_bias, scale, work = args
    lanes = simd.lanes(sums)
    tile = simd.at(work, part * 2 * lanes * lanes)
    turned = simd.at(tile, lanes * lanes)
    blocks = (outputs + lanes - 1) // lanes
    for job in range(bound(groups * blocks, part, parts, 1), bound(groups * blocks, part + 1, parts, 1)):
        group, o = job // blocks, job % blocks * lanes
        start, width = packed_block(o, outputs, lanes)
        own = simd.at(sums, group * chunks * size + start * (rows + 1) + o - start)
        many = min(lanes, outputs - o)
        for e in range(0, weights, lanes):
            count = min(lanes, weights - e)
            for j in range(count):
                simd.store(tile, j * lanes, _total(simd.at(own, simd.get(order, e + j) * width), size, chunks))
            _transpose(tile, lanes, turned, lanes)
            for q in range(many):
                at = (group * outputs + o + q) * weights + e
                value = simd.fma(simd.load(turned, q * lanes), scale, simd.load_first(dweight, at, count))
                simd.store_first(dweight, at, value, count)
        if has_bias:
            at = group * outputs + o
            value = _total(simd.at(own, rows * width), size, chunks)
            simd.store_first(dbias, at, simd.fma(value, scale, simd.load_first(dbias, at, many)), many)


class _Tables(NamedTuple):
    """What a shape of images and weights needs; numbers of elements in scratch are in pixels times ``pitch``."""

    #: Elements from a pixel to the next, and from an image to the next.
    pitch: int
    box: int
    #: Pixel of the box for each pixel of the image.
    inside: np.ndarray
    #: Offsets in an image of what the rows of the sums see, [tap][channel], and the row of each weight of an output.
    offsets: np.ndarray
    order: np.ndarray
    #: Images that lie together, pixels of gradOutput that a tile sums over, and where each of them looks.
    together: int
    near: int
    places: np.ndarray


@lru_cache(maxsize=64)
def _tables(
    size: Triple, kernel: Triple, stride: Triple, pad: Triple, dilation: Triple, channels: int, item: int
) -> _Tables:
    plan = forward_plan(size, kernel, stride, pad, dilation, 1)
    line = lanes_of(item)
    # An odd number of vectors from pixel to pixel spreads the pixels over the sets of the cache.
    pitch = channels if channels < 2 * line else -(-channels // line) * line | line
    box = plan.box[0] * plan.box[1] * plan.box[2] * pitch
    taps = [
        ((d * dilation[0] * plan.box[1] + h * dilation[1]) * plan.box[2] + w * dilation[2]) * pitch
        for d, h, w in product(*map(range, kernel))
    ]
    offsets = (np.array(taps)[:, None] + np.arange(channels)).reshape(-1)
    rows = -(-len(offsets) // TALL) * TALL
    offsets = np.concatenate([offsets, np.repeat(offsets[-1:], rows - len(offsets))]).astype(np.int64)
    order = np.arange(len(taps) * channels).reshape(len(taps), channels).T.reshape(-1)
    pixels, start = (int(n) for n in plan.phases[0, :2])
    together = max(1, min(NEAR // pixels, IMAGES // (box * item)))
    places = (plan.tables[start : start + pixels] * pitch + np.arange(together)[:, None] * box).reshape(-1)
    near = -(-len(places) // -(-len(places) // NEAR))
    return _Tables(pitch, box, plan.pixels, offsets, np.ascontiguousarray(order), together, near, places)


@lru_cache(maxsize=1)
def _numbers() -> np.ndarray:
    return np.arange(NEAR + SLACK)


def backward_weight(
    x, dy, dweight, dbias, stride: Triple, pad: Triple, dilation: Triple, groups: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``dweight`` and, unless None, ``dbias``."""
    channels, outputs, weights = dweight.shape[1], dweight.shape[0] // groups, dweight[0].size
    tables = _tables(x.shape[2:], dweight.shape[2:], stride, pad, dilation, channels, x.itemsize)
    pixels, out_pixels = x[0, 0].size, dy[0, 0].size
    rows, wide, lanes = len(tables.offsets), COLUMNS * lanes_of(x.itemsize), lanes_of(x.itemsize)
    padded = -(-outputs // wide) * wide
    size = padded * (rows + 1)
    chunks = max(1, min(len(x), CHUNKS * wide // (padded * groups), SUMS // (groups * size * x.itemsize)))
    parts = threads(len(x) * dweight.size * out_pixels / 30)
    jobs = groups * chunks
    splits = 1 if jobs % parts == 0 or jobs >= 4 * parts else min(parts, padded // wide)
    sums = scratch(x.dtype, jobs * size, "weights")
    share = -(-(tables.together * tables.box + SLACK + (NEAR + SLACK) * wide) // 64) * 64
    has_bias = dbias is not None
    _sum_chunks(
        x, min(parts, jobs * splits), x, len(x), groups, channels, pixels, tables.inside, tables.box, tables.pitch,
        dy, outputs, out_pixels, padded, tables.offsets, rows, tables.places, _numbers(), tables.near, tables.together,
        has_bias, sums, size, chunks, splits, scratch(x.dtype, parts * share, "images"), share,
    )  # fmt: skip
    blocks = groups * -(-outputs // lanes)
    parts = min(parts, blocks)
    _finish(
        x, parts, sums, groups, size, chunks, outputs, rows, weights, tables.order, dweight,
        dbias if has_bias else dweight, has_bias, float(scale), scratch(x.dtype, parts * 2 * lanes * lanes, "taps"),
    )  # fmt: skip
