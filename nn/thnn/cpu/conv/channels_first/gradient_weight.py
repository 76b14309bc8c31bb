"""Convolution with few output channels: the gradients of weight and bias, with vectors along the rows of the image.

Images and gradOutput are copied plane by plane to scratch, gradOutput with the row length of the image and zeros in
between. Then the gradient of a weight is the inner product of two runs: a plane of gradOutput, and the image from the
weight's tap on. It is kept as a vector of partial sums whose lanes are added at the end. Images are summed in a fixed
number of chunks, and these in order, whatever the number of threads.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np
from numba.core import types
from numba.extending import intrinsic

from ...gemm.microkernel import Address, Loop
from ...gemm.transpose import clear
from ...runtime.blocking import BLOCKING, CONVOLUTION_RATE
from ...runtime.isa import lanes_of
from ...runtime.jit import compact, inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import aligned, bound, threads
from ...runtime.records import Float, Int, Pointer, Table
from ...runtime.workspace import take
from ...simd import llvm
from ...simd import registers as simd
from ...simd.llvm import Value
from ...simd.vector import vector_type
from ..geometry import Triple
from ..method import GEOMETRY, Method, Shape, lifted
from .geometry import plan_channels_first
from .planes import Images, box_at, copy_in

#: Chunks of images, times groups, and the bytes that the sums of several chunks may take.
CHUNKS = 16
SUM_BYTES = 8 << 20
#: The most bytes that vectors of partial sums for all weights may take.
PARTIAL_BYTES = 32 << 20
#: Taps for tiles of 4, 3, 2 and 1 outputs.
T4, T3, T2, T1 = (BLOCKING.taps[rows] for rows in (4, 3, 2, 1))
MOST_TAPS = max(T4, T3, T2, T1)
#: Vectors of a plane that are used for all taps before the next ones.
BLOCK_VECTORS = 128


class Gradients(NamedTuple):
    """Planes of gradOutput, [image][output][depth][height][width], and what they span with the rows of the box."""

    data: Pointer
    outputs: Int
    depth: Int
    height: Int
    width: Int
    span: Int


class Taps(NamedTuple):
    """Offsets of the taps in an image, [channel][tap]; the sums of an output take ``line`` elements."""

    offsets: Table
    count: Int
    line: Int


class Sums(NamedTuple):
    """[group][chunk][output][tap, and at last the bias][lane]; ``line`` elements an output."""

    data: Pointer
    groups: Int
    chunks: Int
    outputs: Int
    line: Int


class Room(NamedTuple):
    """Scratch, ``share`` elements a thread, of which the image takes ``space``."""

    data: Pointer
    share: Int
    space: Int


def _dots(rows: int, taps: int):
    """Inner products of ``rows`` runs with ``taps`` others, lane by lane::

    C[m][t] += sum over k < K of  a[m][k] * b[offsets[t] + k]        vectors
    """

    @intrinsic
    def tile(typing, a, a_stride, b, offsets, c, c_stride, K):
        lanes = vector_type(b).lanes
        i = types.int64

        def generate(context, builder, sig, args):
            a, a_stride, b, offsets, c, c_stride, K = args
            at = Address(builder)
            a_rows = [at.move(a, a_stride, m) for m in range(rows)]
            b_rows = [at.move(b, builder.load(at.move(offsets, t))) for t in range(taps)]
            kind = llvm.vector_of(b.type.pointee, lanes)
            loop = Loop(builder, K, [llvm.constant(kind, 0)] * (rows * taps), "pixels")
            vectors = [llvm.load(builder, at.move(row, loop.index, lanes), lanes) for row in a_rows]
            updated = [None] * (rows * taps)
            for t, row in enumerate(b_rows):
                seen = llvm.load(builder, at.move(row, loop.index, lanes), lanes)
                for m in range(rows):
                    n = m * taps + t
                    updated[n] = llvm.fma(vectors[m], seen, Value(builder, loop.vectors[n])).ir
            loop.close(updated)
            for n, value in enumerate(updated):
                m, t = divmod(n, taps)
                target = at.move(at.move(c, c_stride, m), t * lanes)
                llvm.store(builder, target, Value(builder, value) + llvm.load(builder, target, lanes))
            return context.get_dummy_value()

        return types.void(a, i, b, offsets, c, i, i), generate

    return tile


_dots4, _dots3, _dots2, _dots1 = _dots(4, T4), _dots(3, T3), _dots(2, T2), _dots(1, T1)


@inner
def _rows_of_tile(left):
    """Outputs of the next tile where so many are left: 4 and 3 as far as possible."""
    if left == 4 or left > 6:
        return 4
    return min(3, left)


@inner
def _taps_of_tile(rows):
    """Taps of a tile of so many outputs."""
    if rows == 4:
        return T4
    if rows == 3:
        return T3
    return T2 if rows == 2 else T1


@inner
@compact
def copy_gradient(dy, gradients, box, target):
    """The rows of a plane as far apart as those of the box; the sum of the plane, lane by lane."""
    total, width = simd.splat(target, 0), gradients.width
    for d in range(gradients.depth):
        for h in range(gradients.height):
            source = simd.at(dy, (d * gradients.height + h) * width)
            total = _copy_line(source, width, simd.at(target, (d * box.down + h) * box.across), total)
    return total


@inner
def _copy_line(source, width, target, total):
    """A row; ``total`` and the row, lane by lane."""
    lanes = simd.lanes(target)
    full, rest = width - width % lanes, width % lanes
    for i in range(0, full, lanes):
        v = simd.load(source, i)
        simd.store(target, i, v)
        total += v
    if rest:
        v = simd.load_first(source, full, rest)
        simd.store_first(target, full, v, rest)
        total += v
    return total


@inner
def inner_products(dy, pitch, outputs, image, taps, K, sums):
    """sums[o][tap] += the inner product of dy[o] and the image from the tap on."""
    lanes = simd.lanes(dy)
    o = 0
    while o < outputs:
        rows = _rows_of_tile(outputs - o)
        a, c, line = simd.at(dy, o * pitch), simd.at(sums, o * taps.line), taps.line
        for t in range(0, taps.count, _taps_of_tile(rows)):
            offsets, target = simd.at(taps.offsets, t), simd.at(c, t * lanes)
            if rows == 4:
                _dots4(a, pitch, image, offsets, target, line, K)
            elif rows == 3:
                _dots3(a, pitch, image, offsets, target, line, K)
            elif rows == 2:
                _dots2(a, pitch, image, offsets, target, line, K)
            else:
                _dots1(a, pitch, image, offsets, target, line, K)
        o += rows


@inner
@compact
def _add_image(images, gradients, taps, n, box, image, gradient, sums):
    """Add to the sums of one chunk what a group of an image gives."""
    lanes, outputs, line = simd.lanes(image), gradients.outputs, taps.line
    K, size = (gradients.span + lanes - 1) // lanes, gradients.depth * gradients.height * gradients.width
    pitch = K * lanes
    for c in range(images.channels):
        copy_in(simd.at(images.data, (n * images.channels + c) * images.pixels), box, simd.at(image, c * images.volume))
    for o in range(outputs):
        source, last = simd.at(gradients.data, (n * outputs + o) * size), (o + 1) * line - lanes
        total = copy_gradient(source, gradients, box, simd.at(gradient, o * pitch))
        simd.store(sums, last, simd.load(sums, last) + total)
    for k in range(0, K, BLOCK_VECTORS):
        a, b = simd.at(gradient, k * lanes), simd.at(image, k * lanes)
        inner_products(a, pitch, outputs, b, taps, min(BLOCK_VECTORS, K - k), sums)


@parallel_region
@compact
def _sum_chunks(images: Images, gradients: Gradients, taps: Taps, sums: Sums, room: Room, part, parts):
    """The sums of some jobs: a chunk of the images of a group."""
    image = simd.at(room.data, part * room.share)
    gradient, lanes = simd.at(image, room.space), simd.lanes(image)
    clear(image, room.space + gradients.outputs * ((gradients.span + lanes - 1) // lanes * lanes))
    box, chunks, jobs = box_at(images.box, 0, image), sums.chunks, images.groups * sums.chunks
    for job in range(bound(jobs, part, parts, 1), bound(jobs, part + 1, parts, 1)):
        group, chunk = job // chunks, job % chunks
        own = simd.at(sums.data, job * sums.outputs * taps.line)
        clear(own, sums.outputs * taps.line)
        for i in range(bound(images.count, chunk, chunks, 1), bound(images.count, chunk + 1, chunks, 1)):
            _add_image(images, gradients, taps, i * images.groups + group, box, image, gradient, own)


@inner
def _total(sums, size, chunks):
    """The sum of all lanes of a vector of every chunk."""
    total = simd.load(sums, 0)
    for chunk in range(1, chunks):
        total += simd.load(sums, chunk * size)
    return simd.total(total)


@parallel_region
@compact
def finish(sums: Sums, taps: Int, dweight: Pointer, dbias: Pointer, has_bias: Int, scale: Float, part, parts):
    """dweight += scale * sums of the chunks, dbias likewise; an output is a job."""
    lanes, size, jobs = simd.lanes(dweight), sums.outputs * sums.line, sums.groups * sums.outputs
    for job in range(bound(jobs, part, parts, 1), bound(jobs, part + 1, parts, 1)):
        own = simd.at(sums.data, job // sums.outputs * sums.chunks * size + job % sums.outputs * sums.line)
        for t in range(taps):
            value = _total(simd.at(own, t * lanes), size, sums.chunks) * scale
            simd.put(dweight, job * taps + t, simd.get(dweight, job * taps + t) + value)
        if has_bias:
            value = _total(simd.at(own, sums.line - lanes), size, sums.chunks) * scale
            simd.put(dbias, job, simd.get(dbias, job) + value)


@lru_cache(maxsize=64)
def _offsets(geometry: tuple[Triple, ...], channels: int) -> np.ndarray:
    """Offsets of all [channel][tap], with as many more as a tile may read."""
    plan = plan_channels_first(False, *geometry)
    taps, start = plan.phases[0, 1:3]
    offsets = (np.arange(channels)[:, None] * plan.volume + plan.tables[start : start + taps]).reshape(-1)
    return np.concatenate([offsets, np.repeat(offsets[-1:], MOST_TAPS)])


def backward_weight(shape: Shape, x, dy, dweight, dbias, scale: float) -> None:
    """Add ``scale`` times the gradients to ``dweight`` and, unless None, ``dbias``."""
    channels, outputs, groups, taps = shape.channels, shape.outputs, shape.groups, dweight.size // dweight.shape[0]
    plan, offsets = plan_channels_first(False, *shape[:GEOMETRY]), _offsets(shape[:GEOMETRY], channels)
    span, lanes = int(plan.phases[0, 0]), lanes_of(x.itemsize)
    line = (taps + MOST_TAPS + 1) * lanes
    chunks = max(1, min(len(x), CHUNKS // groups, SUM_BYTES // (groups * outputs * line * x.itemsize)))
    parts = threads(len(x) * dweight.size * prod(dy.shape[2:]) / CONVOLUTION_RATE)
    sums = Sums(take("weights", x.dtype, groups * chunks * outputs * line), groups, chunks, outputs, line)
    space = aligned(channels * plan.volume + 2 * lanes)
    share = aligned(space + outputs * (span + lanes))
    _sum_chunks(
        min(parts, groups * chunks),
        Images(x, len(x), groups, channels, prod(shape.size), plan.sizes, plan.volume),
        Gradients(dy, outputs, *lifted(dy.shape), span),
        Taps(offsets, taps, line),
        sums,
        Room(take("images", x.dtype, parts * share), share, space),
    )
    finish(min(parts, groups * outputs), sums, taps, dweight, dbias, dbias is not None, float(scale))


def _few(shape: Shape) -> bool:
    """Whether half a vector holds the outputs, and vectors of partial sums for all weights stay in the caches."""
    lanes = lanes_of(shape.dtype.itemsize)
    weights = shape.groups * shape.outputs * shape.channels * prod(shape.kernel)
    return 2 * shape.outputs <= lanes and weights * shape.dtype.itemsize * lanes <= PARTIAL_BYTES


GRAD_WEIGHT = Method(_few, backward_weight)
