"""Convolution with few output channels: the gradients of weight and bias, with vectors along the rows of the image.

Images and gradOutput are copied plane by plane to scratch, gradOutput with the row length of the image and zeros in
between. Then the gradient of a weight is the inner product of two runs: a plane of gradOutput, and the image from the
weight's tap on. It is kept as a vector of partial sums whose lanes are added at the end. Images are summed in a fixed
number of chunks, and these in order, whatever the number of threads.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numba.core import types
from numba.extending import intrinsic

from ..gemm.microkernel import Address, Loop
from ..gemm.transpose import clear
from ..runtime.isa import VECTOR_BYTES, lanes_of
from ..runtime.jit import inner
from ..runtime.parallel import team, unpack
from ..runtime.partition import bound, threads
from ..runtime.workspace import scratch
from ..simd import llvm as emit
from ..simd import registers as simd
from ..simd.llvm import Value
from ..simd.vector import vector_type
from .channels_first import copy_in
from .geometry import Triple
from .geometry_channels_first import few_plan

#: Chunks of images, times groups, and the bytes that the sums of several chunks may take.
CHUNKS = 16
SUMS = 8 << 20
#: Taps for tiles of 4, 3, 2 and 1 outputs.
T4, T3, T2, T1 = (5, 5, 9, 9) if VECTOR_BYTES == 64 else (2, 3, 4, 9)
MOST = max(T4, T3, T2, T1)
#: Vectors of a plane that are used for all taps before the next ones.
NEAR = 128


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
            kind = emit.vector_of(b.type.pointee, lanes)
            loop = Loop(builder, K, [emit.constant(kind, 0)] * (rows * taps), "places")
            vectors = [emit.load(builder, at.move(row, loop.index, lanes), lanes) for row in a_rows]
            updated = [None] * (rows * taps)
            for t, row in enumerate(b_rows):
                seen = emit.load(builder, at.move(row, loop.index, lanes), lanes)
                for m in range(rows):
                    n = m * taps + t
                    updated[n] = emit.fma(vectors[m], seen, Value(builder, loop.vectors[n])).ir
            loop.close(updated)
            for n, value in enumerate(updated):
                m, t = divmod(n, taps)
                target = at.move(at.move(c, c_stride, m), t * lanes)
                emit.store(builder, target, Value(builder, value) + emit.load(builder, target, lanes))
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
def spread(dy, depth, height, width, down, across, target):
    """The rows of a plane ``across`` apart; the sum of the plane, lane by lane."""
    lanes = simd.lanes(dy)
    full, rest = width - width % lanes, width % lanes
    total = simd.splat(dy, 0)
    for d in range(depth):
        for h in range(height):
            source, place = simd.at(dy, (d * height + h) * width), simd.at(target, (d * down + h) * across)
            for i in range(0, full, lanes):
                v = simd.load(source, i)
                simd.store(place, i, v)
                total += v
            if rest:
                v = simd.load_first(source, full, rest)
                simd.store_first(place, full, v, rest)
                total += v
    return total


@inner
def inner_products(dy, pitch, outputs, image, offsets, taps, K, sums, line):
    """sums[o][tap] += the inner product of dy[o] and the image from the tap on."""
    lanes = simd.lanes(dy)
    o = 0
    while o < outputs:
        rows = _rows_of_tile(outputs - o)
        a, c = simd.at(dy, o * pitch), simd.at(sums, o * line)
        step = T4 if rows == 4 else (T3 if rows == 3 else (T2 if rows == 2 else T1))
        for t in range(0, taps, step):
            seen, target = simd.at(offsets, t), simd.at(c, t * lanes)
            if rows == 4:
                _dots4(a, pitch, image, seen, target, line, K)
            elif rows == 3:
                _dots3(a, pitch, image, seen, target, line, K)
            elif rows == 2:
                _dots2(a, pitch, image, seen, target, line, K)
            else:
                _dots1(a, pitch, image, seen, target, line, K)
        o += rows


@team
def _sum_chunks(frame, like, part, parts):
    """sums[group][chunk][output][tap, and at last the bias][lane]: a chunk of the images of a group is a job."""
    args = unpack(frame, like, "piiiititipiiiiiiipiiipi")
    x, images, groups, channels, pixels, sizes, volume, offsets, taps, dy, outputs, depth, height, width = args[:14]
    down, across, span, sums, chunks, line, space, work, share = args[14:]
    lanes = simd.lanes(x)
    K = (span + lanes - 1) // lanes
    pitch = K * lanes
    image = simd.at(work, part * share)
    gradient = simd.at(image, space)
    clear(image, space + outputs * pitch)
    out_pixels = depth * height * width
    for job in range(bound(groups * chunks, part, parts, 1), bound(groups * chunks, part + 1, parts, 1)):
        group, chunk = job // chunks, job % chunks
        own = simd.at(sums, job * outputs * line)
        clear(own, outputs * line)
        for i in range(bound(images, chunk, chunks, 1), bound(images, chunk + 1, chunks, 1)):
            n = i * groups + group
            for c in range(channels):
                copy_in(simd.at(x, (n * channels + c) * pixels), sizes, simd.at(image, c * volume))
            for o in range(outputs):
                source, target = simd.at(dy, (n * outputs + o) * out_pixels), simd.at(gradient, o * pitch)
                total, last = spread(source, depth, height, width, down, across, target), (o + 1) * line - lanes
                simd.store(own, last, simd.load(own, last) + total)
            for k in range(0, K, NEAR):
                near, seen = simd.at(gradient, k * lanes), simd.at(image, k * lanes)
                inner_products(near, pitch, outputs, seen, offsets, taps, min(NEAR, K - k), own, line)


@inner
def _total(sums, size, chunks):
    """The sum of all lanes of a vector of every chunk."""
    total = simd.load(sums, 0)
    for chunk in range(1, chunks):
        total += simd.load(sums, chunk * size)
    return simd.total(total)


@team
def finish(frame, like, part, parts):
    """dweight += scale * sums of the chunks, dbias likewise; an output is a job."""
    sums, groups, chunks, outputs, line, taps, dweight, dbias, has_bias, scale = unpack(frame, like, "piiiiippif")
    lanes, size = simd.lanes(sums), outputs * line
    for job in range(bound(groups * outputs, part, parts, 1), bound(groups * outputs, part + 1, parts, 1)):
        own = simd.at(sums, job // outputs * chunks * size + job % outputs * line)
        for t in range(taps):
            value = _total(simd.at(own, t * lanes), size, chunks) * scale
            simd.put(dweight, job * taps + t, simd.get(dweight, job * taps + t) + value)
        if has_bias:
            value = _total(simd.at(own, line - lanes), size, chunks) * scale
            simd.put(dbias, job, simd.get(dbias, job) + value)


@lru_cache(maxsize=64)
def _offsets(key: tuple, channels: int) -> np.ndarray:
    """Offsets of all [channel][tap], with as many more as a tile may read."""
    plan = few_plan(*key)
    taps, start = plan.phases[0, 1:3]
    offsets = (np.arange(channels)[:, None] * plan.volume + plan.tables[start : start + taps]).reshape(-1)
    return np.concatenate([offsets, np.repeat(offsets[-1:], MOST)])


def backward_weight(
    x, dy, dweight, dbias, stride: Triple, pad: Triple, dilation: Triple, groups: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``dweight`` and, unless None, ``dbias``."""
    channels, outputs, taps = dweight.shape[1], dweight.shape[0] // groups, dweight[0].size
    key = (False, x.shape[2:], dweight.shape[2:], stride, pad, dilation)
    plan, offsets, lanes = few_plan(*key), _offsets(key, channels), lanes_of(x.itemsize)
    span = int(plan.phases[0, 0])
    line = (taps + MOST + 1) * lanes
    chunks = max(1, min(len(x), CHUNKS // groups, SUMS // (groups * outputs * line * x.itemsize)))
    parts = threads(len(x) * dweight.size * dy[0, 0].size / 30)
    sums = scratch(x.dtype, groups * chunks * outputs * line, "weights")
    space = -(-(channels * plan.volume + 2 * lanes) // 64) * 64
    share = -(-(space + outputs * (span + lanes)) // 64) * 64
    _sum_chunks(
        x, min(parts, groups * chunks), x, len(x), groups, channels, x[0, 0].size, plan.sizes, plan.volume,
        offsets, taps, dy, outputs, *dy.shape[2:], *(int(n) for n in plan.sizes[10:12]), span, sums, chunks, line,
        space, scratch(x.dtype, parts * share, "images"), share,
    )  # fmt: skip
    finish(
        x, min(parts, groups * outputs), sums, groups, chunks, outputs, line, taps, dweight,
        dweight if dbias is None else dbias, dbias is not None, float(scale),
    )  # fmt: skip
