"""Convolution in 1 to 3 dimensions: the gradients of weight and bias, computed directly.

Input and gradOutput are copied to scratch as [pixel][channel]. For each row of the kernel a product of :mod:`micro`
sums over the output pixels: its rows are the input's channels at these taps, its columns the output channels.
Images are summed in a fixed number of chunks, and these in order, whatever the number of threads.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product as combinations

import numpy as np

from . import simd
from .arena import scratch
from .chunks import bound, threads
from .convolution_direct import NARROW
from .convolution_plan import SLACK, Triple, forward_plan, output_size
from .host import VECTOR_BYTES, lanes_of
from .jit import inner
from .layout import clear, to_pixels
from .micro import COLUMNS, ROWS, by_columns
from .team import team, unpack

#: Chunks of images, and the bytes their sums may take together.
CHUNKS = 16
SUMS = 8 << 20
#: Elements of gradOutput that are used for all taps before the next ones.
NEAR = 8192

#: Rows of a tall tile, for runs that it divides better.
TALL = 12 if VECTOR_BYTES == 64 else ROWS
SHORT = NARROW // 2

_wide, _tall = by_columns(ROWS, COLUMNS), by_columns(TALL, COLUMNS)
_narrow, _short = by_columns(NARROW, 1), by_columns(SHORT, 1)


@inner
def tile_rows(run, wide):
    """Rows of the tile that leaves the fewest of ``run`` rows over, the larger one where equal."""
    small, large = (ROWS, TALL) if wide else (SHORT, NARROW)
    return large if (run + large - 1) // large * large <= (run + small - 1) // small * small else small


@inner
def product(rows, wide, a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, R, K):
    """One tile of the chosen rows, added to what s points to."""
    if wide:
        if rows == TALL:
            _tall(a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, c_stride, R, K)
        else:
            _wide(a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, c_stride, R, K)
    elif rows == NARROW:
        _narrow(a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, c_stride, R, K)
    else:
        _short(a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, c_stride, R, K)


@inner
def _products(image, run, a_outer, a_inner, dy, pitch, columns, sums, outputs, R, K):
    """sums[m][o] += sum over R x K pixels of image[pixel + m] dy[pixel][o], for m < run."""
    lanes = simd.lanes(dy)
    o = 0
    while o < columns:
        wide = columns - o > (COLUMNS - 1) * lanes
        rows = tile_rows(run, wide)
        for m in range(0, run, rows):
            a, b, c = simd.at(image, m), simd.at(dy, o), simd.at(sums, m * outputs + o)
            product(rows, wide, a, a_outer, a_inner, b, K * pitch, pitch, c, outputs, c, R, K)
        o += COLUMNS * lanes if wide else lanes


@inner
def _add_pixels(dy, pitch, pixels, columns, sums):
    """sums[o] += sum over pixels of dy[pixel][o]"""
    lanes = simd.lanes(dy)
    for o in range(0, columns, lanes):
        total = simd.load(sums, o)
        for p in range(pixels):
            total += simd.load(dy, p * pitch + o)
        simd.store(sums, o, total)


@team
def _sum_chunks(frame, like, part, parts):
    """Sums of one chunk of images and one share of the outputs of a group, a job."""
    args = unpack(frame, like, "piiiitipiiipiitiiiiiiipi")
    x, images, groups, channels, pixels, places, box, dy, outputs, out_pixels, padded, sums, size, chunks = args[:14]
    offsets, runs, run, a_depth, a_outer, a_inner, depth, R, work, share = args[14:]
    K = out_pixels // (depth * R)
    wide = COLUMNS * simd.lanes(x)
    image = simd.at(work, part * share)
    pixel = simd.at(image, box * channels + SLACK)
    block = max(1, NEAR // (K * wide))
    clear(image, box * channels)
    if outputs < padded:
        clear(pixel, out_pixels * padded)
    splits = simd.get(offsets, runs)
    identity = simd.at(offsets, runs + 1)
    jobs = groups * chunks * splits
    for job in range(bound(jobs, part, parts, 1), bound(jobs, part + 1, parts, 1)):
        group, chunk, split = job // (chunks * splits), job // splits % chunks, job % splits
        first, last = bound(outputs, split, splits, wide), bound(outputs, split + 1, splits, wide)
        pitch = (last - first + wide - 1) // wide * wide
        own = simd.at(sums, (group * chunks + chunk) * size + first)
        for m in range(runs * (run + SLACK) + 1):
            clear(simd.at(own, m * padded), pitch)
        for i in range(bound(images, chunk, chunks, 1), bound(images, chunk + 1, chunks, 1)):
            n = i * groups + group
            to_pixels(simd.at(x, n * channels * pixels), pixels, channels, pixels, image, places, channels)
            source = simd.at(dy, (n * outputs + first) * out_pixels)
            to_pixels(source, out_pixels, last - first, out_pixels, pixel, identity, pitch)
            blocks = (R + block - 1) // block
            for line in range(depth * blocks):
                d, r = line // blocks, line % blocks * block
                near = simd.at(pixel, (d * R + r) * K * pitch)
                for t in range(runs):
                    seen = simd.at(image, simd.get(offsets, t) + d * a_depth + r * a_outer)
                    target = simd.at(own, t * (run + SLACK) * padded)
                    count = min(block, R - r)
                    _products(seen, run, a_outer, a_inner, near, pitch, last - first, target, padded, count, K)
            _add_pixels(pixel, pitch, out_pixels, last - first, simd.at(own, runs * (run + SLACK) * padded))


@inner
def _add_rows(sums, size, chunks, rows, padded):
    """Add the chunks of ``rows`` rows to the first."""
    lanes = simd.lanes(sums)
    for i in range(0, rows * padded, lanes):
        total = simd.load(sums, i)
        for chunk in range(1, chunks):
            total += simd.load(sums, chunk * size + i)
        simd.store(sums, i, total)


@team
def _finish(frame, like, part, parts):
    """dweight += scale * sums of the chunks, dbias likewise."""
    args = unpack(frame, like, "piiiiiiitpipif")
    sums, groups, size, chunks, padded, outputs, runs, run, taps, dweight, weights, dbias, has_bias, scale = args
    lanes = simd.lanes(sums)
    for job in range(bound(groups * (runs + 1), part, parts, 1), bound(groups * (runs + 1), part + 1, parts, 1)):
        group, t = job // (runs + 1), job % (runs + 1)
        own = simd.at(sums, group * chunks * size + t * (run + SLACK) * padded)
        rows = run if t < runs else 1
        _add_rows(own, size, chunks, rows, padded)
        for o in range(0, outputs, lanes):
            for m in range(rows):
                for q in range(o, min(outputs, o + lanes)):
                    value = simd.get(own, m * padded + q) * scale
                    if t < runs:
                        target = (group * outputs + q) * weights + simd.get(taps, t * run + m)
                        simd.put(dweight, target, simd.get(dweight, target) + value)
                    elif has_bias:
                        target = group * outputs + q
                        simd.put(dbias, target, simd.get(dbias, target) + value)


@lru_cache(maxsize=64)
def _runs(kernel: Triple, dilation: Triple, box: Triple, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Offsets in the box of the contiguous runs of taps, and the place in the weight of each run's elements."""
    together = kernel[2] if dilation[2] == 1 else 1
    offsets, taps = [], []
    for d, h, w in combinations(range(kernel[0]), range(kernel[1]), range(0, kernel[2], together)):
        offsets.append(((d * dilation[0] * box[1] + h * dilation[1]) * box[2] + w * dilation[2]) * channels)
        tap = (d * kernel[1] + h) * kernel[2] + w + np.arange(together)
        taps.append((np.arange(channels) * (kernel[0] * kernel[1] * kernel[2]) + tap[:, None]).reshape(-1))
    return np.array(offsets, np.int64), np.concatenate(taps).astype(np.int64)


@lru_cache(maxsize=64)
def _counted(offsets_key: tuple, splits: int, pixels: int) -> np.ndarray:
    """The offsets, the number of shares of the outputs, and the numbers of the output pixels."""
    offsets, _ = _runs(*offsets_key)
    return np.concatenate([offsets, [splits], np.arange(pixels + SLACK)]).astype(np.int64)


def backward_weight(
    x, dy, dweight, dbias, stride: Triple, pad: Triple, dilation: Triple, groups: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``dweight`` and, unless None, ``dbias``."""
    kernel, size = dweight.shape[2:], x.shape[2:]
    channels, outputs = dweight.shape[1], dweight.shape[0] // groups
    plan = forward_plan(size, kernel, stride, pad, dilation, channels)
    out = tuple(output_size(*a) for a in zip(size, kernel, stride, pad, dilation))
    box, out_pixels, pixels = plan.box, out[0] * out[1] * out[2], size[0] * size[1] * size[2]
    offsets, taps = _runs(kernel, dilation, box, channels)
    run = len(taps) // len(offsets)
    wide = COLUMNS * lanes_of(x.itemsize)
    padded = -(-outputs // wide) * wide
    sums = (len(offsets) * (run + SLACK) + 1) * padded
    chunks = max(1, min(len(x), CHUNKS, SUMS // (groups * sums * x.itemsize)))
    parts = threads(len(x) * dweight.size * out_pixels / 30)
    jobs = groups * chunks
    splits = 1 if jobs % parts == 0 or jobs >= 4 * parts else min(parts, padded // wide)
    row, rows = stride[2] * channels, stride[1] * box[2] * channels
    R = 1 if rows == out[2] * row and out[1] * out[2] * wide <= NEAR else out[1]
    total = scratch(x.dtype, groups * chunks * sums, "weights")
    volume = box[0] * box[1] * box[2]
    share = -(-(volume * channels + SLACK + (out_pixels + SLACK) * padded) // 64) * 64
    _sum_chunks(
        x, min(parts, jobs * splits), x, len(x), groups, channels, pixels, plan.pixels, volume,
        dy, outputs, out_pixels, padded, total, sums, chunks,
        _counted((kernel, dilation, box, channels), splits, out_pixels), len(offsets), run,
        stride[0] * box[1] * box[2] * channels, rows, row, out[0], R, scratch(x.dtype, parts * share, "images"), share,
    )  # fmt: skip
    _finish(
        x, min(parts, groups * (len(offsets) + 1)), total, groups, sums, chunks, padded, outputs, len(offsets), run,
        taps, dweight, channels * kernel[0] * kernel[1] * kernel[2],
        dweight if dbias is None else dbias, dbias is not None, float(scale),
    )  # fmt: skip
