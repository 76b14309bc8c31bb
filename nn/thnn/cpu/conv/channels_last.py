"""Convolution in 1 to 3 dimensions, computed directly: output and gradInput.

Each image is copied to scratch as [pixel][channel] with its border of zeros, and a block of outputs is a product of
:mod:`microkernel`: its rows are output pixels, its columns are output channels, and it sums over the taps. Strides,
borders and dilation are only in the offsets of the rows (:mod:`geometry`); no column matrix is made. Weights are packed
once a call.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..gemm.microkernel import COLUMNS, ROWS, by_rows
from ..gemm.transpose import clear, to_pixels, to_planes
from ..runtime.isa import lanes_of
from ..runtime.jit import inlined, inner
from ..runtime.parallel import team, unpack
from ..runtime.partition import bound, threads
from ..runtime.workspace import scratch
from ..simd import registers as simd
from .blocks import NARROW, block_width, copy_bias, narrow_tile, wide_tile
from .geometry import FIELDS, SLACK, Plan, Triple, backward_plan, forward_plan

#: Output pixels a block.
BLOCK = 96

WORDS = len(FIELDS)
#: For the last few pixels of a block.
LAST_WIDE, LAST_NARROW = ROWS // 2, NARROW // 3
_last_wide, _last_narrow = by_rows(LAST_WIDE, COLUMNS), by_rows(LAST_NARROW, 1)


@inner
def _copy(source, target, count):
    for i in range(0, count, simd.lanes(source)):
        simd.store_first(target, i, simd.load_first(source, i, count - i), count - i)


@team
def _pack(frame, like, part, parts):
    """packed[group][block of outputs][row][width of block] from the weights; see Plan.tap_rows for the rows."""
    args = unpack(frame, like, "piiiiiitipii")
    w, groups, group_stride, outputs, plane_stride, outer, outer_stride, table, count, packed, rows, padded = args
    lanes = simd.lanes(w)
    wide = COLUMNS * lanes
    blocks = padded // wide
    for job in range(bound(groups * blocks, part, parts, 1), bound(groups * blocks, part + 1, parts, 1)):
        group, o = job // blocks, job % blocks * wide
        last = min(outputs, o + wide)
        while o < last:
            width = block_width(outputs - o, lanes)
            panel = simd.at(packed, (group * padded + o) * rows)
            source = simd.at(w, group * group_stride + o * plane_stride)
            if width > outputs - o:
                clear(panel, rows * width)
            for i in range(outer):
                plane, target = simd.at(source, i * outer_stride), simd.at(panel, i * width)
                if plane_stride == 1:
                    _copy(plane, target, min(width, outputs - o))
                    continue
                to_pixels(plane, plane_stride, min(width, outputs - o), count, target, table, width)
            o += width


@inlined
def _tiles(image, reads, slabs, n_slabs, R, r_stride, K, w, width, c, pitch, count, bias):
    """c[pixel][width] = sum of the taps of ``count`` pixels, for one block of packed weights, plus bias."""
    wide = width > simd.lanes(c)
    last = LAST_WIDE if wide else LAST_NARROW
    for p in range(0, count, ROWS if wide else NARROW):
        target, pixel = simd.at(c, p * pitch), simd.at(reads, p)
        for n in range(n_slabs):
            a, b = simd.at(image, simd.get(slabs, n)), simd.at(w, n * R * K * width)
            source, stride = (bias, 0) if n == 0 else (target, pitch)
            if wide and count - p > last:
                wide_tile(a, pixel, r_stride, b, K * width, width, target, pitch, source, stride, R, K)
            elif wide:
                _last_wide(a, pixel, r_stride, b, K * width, width, target, pitch, source, stride, R, K)
            elif count - p > last:
                narrow_tile(a, pixel, r_stride, b, K * width, width, target, pitch, source, stride, R, K)
            else:
                _last_narrow(a, pixel, r_stride, b, K * width, width, target, pitch, source, stride, R, K)


@inner
def _block(image, tables, phase, p, count, w, rows, first, last, outputs, bias, tile, pitch):
    """tile[pixel][output] for ``count`` pixels of a phase from pixel p on, outputs first to last."""
    reads, slabs, n_slabs = simd.get(phase, 1), simd.get(phase, 3), simd.get(phase, 4)
    R, r_stride, K, row = simd.get(phase, 5), simd.get(phase, 6), simd.get(phase, 7), simd.get(phase, 8)
    for i in range(0, 0 if n_slabs else count * pitch, simd.lanes(tile)):
        simd.store(tile, i, simd.load(bias, i % pitch))
    o = first
    while o < last and n_slabs > 0:
        width = block_width(outputs - o, simd.lanes(tile))
        panel = simd.at(w, o * rows + row * width)
        _tiles(
            image, simd.at(tables, reads + p), simd.at(tables, slabs), n_slabs, R, r_stride, K,
            panel, width, simd.at(tile, o - first), pitch, count, simd.at(bias, o - first),
        )  # fmt: skip
        o += width


@inner
def _place(tile, pitch, count, places, canvas):
    """canvas[places[p]] = tile[p], rows of ``pitch`` elements."""
    lanes = simd.lanes(tile)
    for p in range(count):
        target = simd.at(canvas, simd.get(places, p) * pitch)
        for i in range(0, pitch, lanes):
            simd.store(target, i, simd.load(tile, p * pitch + i))


@team
def _direct(frame, like, part, parts):
    """The jobs - an image's group, or a share of its outputs - of one part."""
    args = unpack(frame, like, "piiiitiipiipipititiipi")
    x, images, groups, channels, pixels, places, box, apart, bias, has_bias, outputs, w, rows, y = args[:14]
    out_pixels, phases, n_phases, tables, padded, splits, work, share = args[14:]
    wide = COLUMNS * simd.lanes(x)
    image = simd.at(work, part * share)
    row = simd.at(image, box * apart + SLACK)
    tile = simd.at(row, padded)
    canvas = simd.at(tile, (BLOCK + SLACK) * padded)
    clear(image, box * apart)
    held = -1
    for job in range(
        bound(images * groups * splits, part, parts, 1), bound(images * groups * splits, part + 1, parts, 1)
    ):
        n, split = job // splits, job % splits
        first, last = bound(outputs, split, splits, wide), bound(outputs, split + 1, splits, wide)
        pitch = (last - first + wide - 1) // wide * wide
        if n != held:
            to_pixels(simd.at(x, n * channels * pixels), pixels, channels, pixels, image, places, apart)
            held = n
        group = n % groups
        copy_bias(simd.at(bias, group * outputs + first if has_bias else 0), last - first, pitch, has_bias != 0, row)
        packed = simd.at(w, group * padded * rows)
        out = simd.at(y, (n * outputs + first) * out_pixels)
        for f in range(n_phases):
            phase = simd.at(phases, f * WORDS)
            count = simd.get(phase, 0)
            for p in range(0, count, BLOCK):
                m = min(BLOCK, count - p)
                _block(image, tables, phase, p, m, packed, rows, first, last, outputs, row, tile, pitch)
                if n_phases == 1:
                    to_planes(tile, pitch, last - first, m, simd.at(out, p), out_pixels)
                else:
                    _place(tile, pitch, m, simd.at(tables, simd.get(phase, 2) + p), canvas)
        if n_phases > 1:
            to_planes(canvas, pitch, last - first, out_pixels, out, out_pixels)


def _run(plan: Plan, pack: tuple, x: np.ndarray, groups: int, bias: np.ndarray | None, y: np.ndarray) -> None:
    """Pack the weights, then compute every image of ``x`` (N x channels x ...) into ``y`` (N x outputs x ...)."""
    w, outputs, plane_stride, outer, outer_stride, table = pack
    images, channels = x.shape[0], x.shape[1] // groups
    pixels, out_pixels = _pixels(x), _pixels(y)
    box = plan.box[0] * plan.box[1] * plan.box[2]
    wide = COLUMNS * lanes_of(x.itemsize)
    padded = -(-outputs // wide) * wide
    work = images * groups * outputs * out_pixels * plan.rows / len(plan.phases) / 30
    parts = threads(work)
    jobs = images * groups
    splits = 1 if jobs % parts == 0 or jobs >= 8 * parts else min(parts, padded // wide)
    packed = scratch(x.dtype, groups * padded * plan.rows, "weights")
    _pack(
        x, min(parts, groups * padded // wide), w, groups, w.size // groups, outputs, plane_stride, outer, outer_stride,
        table, len(table) - SLACK, packed, plan.rows, padded,
    )  # fmt: skip
    share = box * plan.pitch + SLACK + padded * (1 + BLOCK + SLACK)
    if len(plan.phases) > 1:
        share += (out_pixels + SLACK) * padded
    share = -(-share // 64) * 64
    space = scratch(x.dtype, parts * share, "images")
    _direct(
        x, min(parts, jobs * splits), x, images, groups, channels, pixels, plan.pixels, box, plan.pitch,
        y if bias is None else bias, bias is not None, outputs, packed, plan.rows, y, out_pixels,
        plan.phases, len(plan.phases), plan.tables, padded, splits, space, share,
    )  # fmt: skip


def _pixels(x: np.ndarray) -> int:
    """Elements of one plane of an N x C x ... array."""
    return x.size // (x.shape[0] * x.shape[1])


def _with_slack(table: np.ndarray) -> np.ndarray:
    return np.concatenate([table, np.repeat(table[-1:], SLACK)])


@lru_cache(maxsize=64)
def _weight_table(plan_key: tuple, channels: int) -> np.ndarray:
    """Rows of the weights of one output, [channel][tap]."""
    plan = forward_plan(*plan_key, channels)
    return _with_slack((np.arange(channels)[:, None] + plan.tap_rows).reshape(-1))


def forward(x, weight, bias, y, stride: Triple, pad: Triple, dilation: Triple, groups: int) -> None:
    """``y = weight * x + bias``: x N x C x D x H x W, weight O x C/groups x kD x kH x kW."""
    channels, outputs = weight.shape[1], weight.shape[0] // groups
    key = (x.shape[2:], weight.shape[2:], stride, pad, dilation)
    plan = forward_plan(*key, channels)
    taps = plan.rows
    _run(plan, (weight, outputs, taps, 1, 0, _weight_table(key, channels)), x, groups, bias, y)


def backward_input(dy, weight, bias, dx, stride: Triple, pad: Triple, dilation: Triple, groups: int) -> None:
    """The gradient with respect to x, plus ``bias`` unless it is None."""
    channels, outputs = weight.shape[1], weight.shape[0] // groups
    plan = backward_plan(dx.shape[2:], weight.shape[2:], stride, pad, dilation, outputs)
    taps = len(plan.tap_rows)
    pack = (weight, channels, taps, outputs, channels * taps, _with_slack(plan.tap_rows))
    _run(plan, pack, dy, groups, bias, dx)
