"""Convolution with few output channels (few input channels, for gradInput): vectors lie along the rows of the image.

Each image is copied plane by plane to scratch, with its border; the outputs of a few channels are a product of
:mod:`microkernel` whose columns are pixels of the image, side by side, and which sums over channels and taps. The
product runs on over the ends of the rows; what it computes there is dropped when the outputs are copied out.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..gemm.microkernel import by_taps
from ..gemm.transpose import clear
from ..runtime.isa import VECTOR_BYTES, lanes_of
from ..runtime.jit import inner
from ..runtime.parallel import team, unpack
from ..runtime.partition import bound, threads
from ..runtime.workspace import scratch
from ..simd import registers as simd
from .geometry import Triple
from .geometry_channels_first import FEW_FIELDS, few_plan

#: Vectors along a row for tiles of 6, 4, 3, 2 and 1 channels.
V6, V4, V3, V2, V1 = (4, 5, 6, 9, 12) if VECTOR_BYTES == 64 else (2, 2, 3, 4, 8)
WORDS = len(FEW_FIELDS)
#: Vectors that a tile may reach beyond the last place.
BEYOND = max(V6, V4, V3, V2, V1) + 1

_tile6, _tile4, _tile3, _tile2, _tile1 = by_taps(6, V6), by_taps(4, V4), by_taps(3, V3), by_taps(2, V2), by_taps(1, V1)


@inner
def _rows_of_tile(left):
    """Channels of the next tile where so many are left: 6, 4 and 3 as far as possible."""
    if left == 6 or left > 8:
        return 6
    return 4 if left in (4, 7, 8) else min(3, left)


@inner
def _pack(w, plane_stride, channel_stride, outputs, channels, phase, tables, packed):
    """packed[tile][channel][tap][row] for the taps of a phase."""
    taps, numbers = simd.get(phase, 1), simd.at(tables, simd.get(phase, 3))
    o = 0
    while o < outputs:
        rows = _rows_of_tile(outputs - o)
        target = simd.at(packed, o * channels * taps)
        for c in range(channels):
            for t in range(taps):
                for m in range(rows):
                    value = simd.get(w, (o + m) * plane_stride + c * channel_stride + simd.get(numbers, t))
                    simd.put(target, (c * taps + t) * rows + m, value)
        o += rows


@inner
def copy_row(source, target, count, addend):
    """target[i] = source[i] + addend"""
    lanes = simd.lanes(source)
    full = count - count % lanes
    for i in range(0, full, lanes):
        simd.store(target, i, simd.load(source, i) + addend)
    if full < count:
        simd.store_first(target, full, simd.load_first(source, full, count - full) + addend, count - full)


@inner
def copy_in(x, sizes, image):
    """One plane to its places in the box."""
    H, W = simd.get(sizes, 1), simd.get(sizes, 2)
    top, left = simd.get(sizes, 4), simd.get(sizes, 5)
    sd, sh, step = simd.get(sizes, 6), simd.get(sizes, 7), simd.get(sizes, 8)
    down, across = simd.get(sizes, 10), simd.get(sizes, 11)
    volume = simd.get(sizes, 9) * down * across
    for row in range(simd.get(sizes, 0)):
        d = row + simd.get(sizes, 3)
        phase, plane = d % sd * sh, d // sd * down
        for h in range(top, top + H):
            source = simd.at(x, (row * H + h - top) * W)
            if sh == 1 and step == 1:
                copy_row(source, simd.at(image, phase * volume + (plane + h) * across + left), W, 0)
            else:
                target = simd.at(image, (phase + h % sh) * step * volume + (plane + h // sh) * across)
                for i in range(W):
                    simd.put(target, (i + left) % step * volume + (i + left) // step, simd.get(source, i))


@inner
def copy_out(buffer, phase, sizes, y, height, width, bias):
    """The outputs of one channel of a phase to their places in its plane, bias added."""
    down, across = simd.get(sizes, 10), simd.get(sizes, 11)
    H, W, step = simd.get(phase, 5), simd.get(phase, 6), simd.get(phase, 12)
    for d in range(simd.get(phase, 4)):
        plane = simd.at(y, (d * simd.get(phase, 10) + simd.get(phase, 7)) * height * width + simd.get(phase, 9))
        for h in range(H):
            source = simd.at(buffer, (d * down + h) * across)
            target = simd.at(plane, (h * simd.get(phase, 11) + simd.get(phase, 8)) * width)
            if step == 1:
                copy_row(source, target, W, bias)
            else:
                for i in range(W):
                    simd.put(target, i * step, simd.get(source, i) + bias)


@inner
def span_of_places(packed, image, offsets, K, span, rows, buffer, pitch):
    """buffer[row][place] for the ``span`` places of a phase."""
    lanes = simd.lanes(image)
    vectors = V6 if rows == 6 else (V4 if rows == 4 else (V3 if rows == 3 else (V2 if rows == 2 else V1)))
    for p in range(0, span, vectors * lanes):
        b, c = simd.at(image, p), simd.at(buffer, p)
        if rows == 6:
            _tile6(packed, b, offsets, c, pitch, K)
        elif rows == 4:
            _tile4(packed, b, offsets, c, pitch, K)
        elif rows == 3:
            _tile3(packed, b, offsets, c, pitch, K)
        elif rows == 2:
            _tile2(packed, b, offsets, c, pitch, K)
        else:
            _tile1(packed, b, offsets, c, pitch, K)


@team
def _few(frame, like, part, parts):
    """The jobs - a group of an image - of one part."""
    args = unpack(frame, like, "piiiitipiiipiiptitiiiipit")
    x, images, groups, channels, pixels, sizes, volume, w, group_stride, plane_stride, channel_stride = args[:11]
    bias, has_bias, outputs, y, phases, n_phases, tables, height, width, out_pixels, pitch, work, share = args[11:24]
    offsets = args[24]
    image = simd.at(work, part * share)
    packed = simd.at(image, channels * volume + BEYOND * simd.lanes(x))
    buffer = simd.at(packed, group_stride)
    clear(image, channels * volume + BEYOND * simd.lanes(x))
    for job in range(bound(images * groups, part, parts, 1), bound(images * groups, part + 1, parts, 1)):
        group = job % groups
        for c in range(channels):
            copy_in(simd.at(x, (job * channels + c) * pixels), sizes, simd.at(image, c * volume))
        done = 0
        for f in range(n_phases):
            phase = simd.at(phases, f * WORDS)
            span, taps = simd.get(phase, 0), simd.get(phase, 1)
            K = channels * taps
            own = simd.at(packed, done * outputs * channels)
            if groups > 1 or job == bound(images, part, parts, 1):
                source = simd.at(w, group * group_stride)
                _pack(source, plane_stride, channel_stride, outputs, channels, phase, tables, own)
            o = 0
            while o < outputs:
                rows = _rows_of_tile(outputs - o)
                if taps:
                    start = simd.at(offsets, done * channels)
                    span_of_places(simd.at(own, o * K), image, start, K, span, rows, buffer, pitch)
                else:
                    clear(buffer, rows * pitch)
                for m in range(rows):
                    plane = simd.at(y, (job * outputs + o + m) * out_pixels)
                    b = simd.get(bias, group * outputs + o + m) if has_bias else 0.0
                    copy_out(simd.at(buffer, m * pitch), phase, sizes, plane, height, width, b)
                o += rows
            done += taps


@lru_cache(maxsize=64)
def _offsets(key: tuple, channels: int) -> np.ndarray:
    """Offsets of all [channel][tap] of each phase."""
    plan = few_plan(*key)
    firsts = np.arange(channels)[:, None] * plan.volume
    taps = [plan.tables[start : start + n] for _, n, start in plan.phases[:, :3]]
    return np.concatenate([(firsts + t).reshape(-1) for t in taps] + [np.zeros(1, np.int64)])


def _run(key: tuple, strides: tuple, x: np.ndarray, w: np.ndarray, groups: int, bias, y: np.ndarray) -> None:
    """Every image of ``x`` (N x channels x ...) into ``y`` (N x outputs x ...)."""
    plan = few_plan(*key)
    images, channels, outputs = x.shape[0], x.shape[1] // groups, y.shape[1] // groups
    out_pixels = y.shape[2] * y.shape[3] * y.shape[4]
    offsets = _offsets(key, channels)
    parts = min(threads(images * groups * outputs * out_pixels * len(offsets) / len(plan.phases) / 30), images * groups)
    beyond = BEYOND * lanes_of(x.itemsize)
    pitch = -(-(int(plan.phases[:, 0].max()) + beyond) // 16) * 16
    share = -(-(channels * plan.volume + beyond + w.size // groups + 6 * pitch) // 64) * 64
    _few(
        x, parts, x, images, groups, channels, x.shape[2] * x.shape[3] * x.shape[4], plan.sizes, plan.volume,
        w, w.size // groups, *strides, y if bias is None else bias, bias is not None, outputs, y,
        plan.phases, len(plan.phases), plan.tables, y.shape[3], y.shape[4], out_pixels, pitch,
        scratch(x.dtype, parts * share, "images"), share, offsets,
    )  # fmt: skip


def forward(x, weight, bias, y, stride: Triple, pad: Triple, dilation: Triple, groups: int) -> None:
    """``y = weight * x + bias``: x N x C x D x H x W, weight O x C/groups x kD x kH x kW."""
    taps = weight[0, 0].size
    key = (False, x.shape[2:], weight.shape[2:], stride, pad, dilation)
    _run(key, (weight.shape[1] * taps, taps), x, weight, groups, bias, y)


def backward_input(dy, weight, bias, dx, stride: Triple, pad: Triple, dilation: Triple, groups: int) -> None:
    """The gradient with respect to x, plus ``bias`` unless it is None."""
    taps = weight[0, 0].size
    key = (True, dx.shape[2:], weight.shape[2:], stride, pad, dilation)
    _run(key, (taps, weight.shape[1] * taps), dy, weight, groups, bias, dx)
