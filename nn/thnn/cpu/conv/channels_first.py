"""Convolution with few output channels (few input channels, for gradInput): vectors lie along the rows of the image.

Each image is copied plane by plane to scratch, with its border; the outputs of a few channels are a product of
:mod:`microkernel` whose columns are pixels of the image, side by side, and which sums over channels and taps. The
product runs on over the ends of the rows; what it computes there is dropped when the outputs are copied out.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from ..gemm.microkernel import by_taps
from ..gemm.transpose import clear
from ..runtime.blocking import BLOCKING, CONVOLUTION_RATE
from ..runtime.isa import lanes_of
from ..runtime.jit import inner
from ..runtime.parallel import parallel_region
from ..runtime.partition import LAUNCH, aligned, bound, threads
from ..runtime.records import Int, Pointer, Table, reader
from ..runtime.workspace import take
from ..simd import registers as simd
from .geometry import output_size
from .geometry_channels_first import Box, Phase, PlanChannelsFirst, plan_channels_first
from .method import GEOMETRY, Method, Shape

#: Vectors along a row for tiles of 6, 4, 3, 2 and 1 channels.
V6, V4, V3, V2, V1 = (BLOCKING.planes[rows] for rows in (6, 4, 3, 2, 1))
#: Vectors that a tile may reach beyond the last place.
BEYOND = max(V6, V4, V3, V2, V1) + 1

_tile6, _tile4, _tile3, _tile2, _tile1 = by_taps(6, V6), by_taps(4, V4), by_taps(3, V3), by_taps(2, V2), by_taps(1, V1)


class Images(NamedTuple):
    """Images, [image][channel][pixel]; ``volume`` places of a box for each channel, whose sizes are ``box``."""

    data: Pointer
    count: Int
    groups: Int
    channels: Int
    pixels: Int
    box: Table
    volume: Int


class Weights(NamedTuple):
    """Weights as they lie: elements from a group, an output and a channel to the next."""

    data: Pointer
    group_stride: Int
    output_stride: Int
    channel_stride: Int
    bias: Pointer
    has_bias: Int


class Target(NamedTuple):
    """Planes of the output, or of gradInput."""

    data: Pointer
    outputs: Int
    pixels: Int
    height: Int
    width: Int


class Phases(NamedTuple):
    """The phases of a plan and the tables they name; offsets of all [channel][tap] of each phase."""

    words: Table
    count: Int
    tables: Table
    offsets: Table


class Room(NamedTuple):
    """Scratch, ``share`` elements a thread; sums have rows of ``pitch`` elements."""

    data: Pointer
    share: Int
    pitch: Int


phase_at, box_at = reader(Phase), reader(Box)


@inner
def _rows_of_tile(left):
    """Channels of the next tile where so many are left: 6, 4 and 3 as far as possible."""
    if left == 6 or left > 8:
        return 6
    return 4 if left in (4, 7, 8) else min(3, left)


@inner
def _pack(weights, start, outputs, channels, taps, numbers, packed):
    """packed[tile][channel][tap][row] for the taps of a phase, from the weights at ``start`` on."""
    o = 0
    while o < outputs:
        rows = _rows_of_tile(outputs - o)
        for c in range(channels):
            source = simd.at(weights.data, start + o * weights.output_stride + c * weights.channel_stride)
            target = simd.at(packed, (o * channels + c * rows) * taps)
            _pack_tile(source, weights.output_stride, rows, taps, numbers, target)
        o += rows


@inner
def _pack_tile(source, output_stride, rows, taps, numbers, target):
    for t in range(taps):
        for m in range(rows):
            simd.put(target, t * rows + m, simd.get(source, m * output_stride + simd.get(numbers, t)))


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
def copy_in(x, box, image):
    """One plane to its places in the box."""
    for row in range(box.D):
        d = row + box.front
        for h in range(box.H):
            _copy_line(simd.at(x, (row * box.H + h) * box.W), d, h + box.top, box, image)


@inner
def _copy_line(source, d, h, box, image):
    """One row of a plane, which is row h of plane d of the box."""
    volume = box.deep * box.down * box.across
    phase, plane = d % box.step_d * box.step_h, d // box.step_d * box.down
    if box.step_h == 1 and box.step_w == 1:
        copy_row(source, simd.at(image, phase * volume + (plane + h) * box.across + box.left), box.W, 0)
        return
    line = (phase + h % box.step_h) * box.step_w * volume + (plane + h // box.step_h) * box.across
    for i in range(box.W):
        w = i + box.left
        simd.put(image, line + w % box.step_w * volume + w // box.step_w, simd.get(source, i))


@inner
def copy_out(buffer, phase, box, target, plane, bias):
    """The outputs of one channel of a phase to their places in its plane, bias added."""
    for d in range(phase.count_d):
        for h in range(phase.count_h):
            row = (d * phase.step_d + phase.first_d) * target.height + h * phase.step_h + phase.first_h
            source = simd.at(buffer, (d * box.down + h) * box.across)
            _put_line(source, simd.at(plane, row * target.width + phase.first_w), phase, bias)


@inner
def _put_line(source, target, phase, bias):
    """target[i * step] = source[i] + bias"""
    if phase.step_w == 1:
        copy_row(source, target, phase.count_w, bias)
        return
    for i in range(phase.count_w):
        simd.put(target, i * phase.step_w, simd.get(source, i) + bias)


@inner
def _vectors(rows):
    """Vectors of a tile of so many rows."""
    if rows == 6:
        return V6
    if rows == 4:
        return V4
    if rows == 3:
        return V3
    return V2 if rows == 2 else V1


@inner
def span_of_pixels(packed, image, offsets, K, span, rows, buffer, pitch):
    """buffer[row][pixel] for the ``span`` pixels of a phase."""
    for p in range(0, span, _vectors(rows) * simd.lanes(image)):
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


@inner
def _outputs(image, filters, phase, box, weights, job, target, buffer):
    """The outputs of a phase, whose weights and offsets are ``filters``, of a job (group, image, channels, pitch)."""
    (packed, offsets), (group, n, channels, pitch) = filters, job
    K, o = channels * phase.taps, 0
    while o < target.outputs:
        rows = _rows_of_tile(target.outputs - o)
        if phase.taps:
            span_of_pixels(simd.at(packed, o * K), image, offsets, K, phase.span, rows, buffer, pitch)
        else:
            clear(buffer, rows * pitch)
        for m in range(rows):
            plane = simd.at(target.data, (n * target.outputs + o + m) * target.pixels)
            b = simd.get(weights.bias, group * target.outputs + o + m) if weights.has_bias else 0.0
            copy_out(simd.at(buffer, m * pitch), phase, box, target, plane, b)
        o += rows


@parallel_region
def _convolve(images: Images, weights: Weights, target: Target, phases: Phases, room: Room, part, parts):
    """The jobs - a group of an image - of one part."""
    channels, outputs = images.channels, target.outputs
    image = simd.at(room.data, part * room.share)
    space = channels * images.volume + BEYOND * simd.lanes(image)
    packed = simd.at(image, space)
    buffer = simd.at(packed, weights.group_stride)
    box = box_at(images.box, 0, image)
    clear(image, space)
    jobs = images.count * images.groups
    start = bound(jobs, part, parts, 1)
    for job in range(start, bound(jobs, part + 1, parts, 1)):
        group = job % images.groups
        for c in range(channels):
            copy_in(simd.at(images.data, (job * channels + c) * images.pixels), box, simd.at(image, c * images.volume))
        done = 0
        for number in range(phases.count):
            phase = phase_at(phases.words, number, image)
            own = simd.at(packed, done * outputs * channels)
            if images.groups > 1 or job == start:
                numbers = simd.at(phases.tables, phase.numbers)
                _pack(weights, group * weights.group_stride, outputs, channels, phase.taps, numbers, own)
            filters, which = (own, simd.at(phases.offsets, done * channels)), (group, job, channels, room.pitch)
            _outputs(image, filters, phase, box, weights, which, target, buffer)
            done += phase.taps


class _Prepared(NamedTuple):
    """What a shape of a pass needs; numbers are fields of records."""

    plan: PlanChannelsFirst
    phases: Phases
    #: Elements from a group, an output and a channel of the weights to the next.
    strides: tuple[int, int, int]
    channels: int
    pixels: int
    #: Fields of :class:`Target` behind the data.
    target: tuple[int, int, int, int]
    pitch: int
    share: int
    nanoseconds: float


@lru_cache(maxsize=64)
def _prepared(shape: Shape, backward: bool) -> _Prepared:
    plan, taps = plan_channels_first(backward, *shape[:GEOMETRY]), prod(shape.kernel)
    channels, outputs, out = shape.channels, shape.outputs, tuple(map(output_size, *shape[:GEOMETRY]))
    strides, read, written = (channels * taps, taps), shape.size, out
    if backward:
        channels, outputs, strides, read, written = outputs, channels, strides[::-1], out, shape.size
    weights = shape.channels * shape.outputs * taps
    offsets = _offsets(plan, channels)
    work = shape.images * shape.groups * outputs * prod(written) * len(offsets) / len(plan.phases)
    beyond = BEYOND * lanes_of(shape.dtype.itemsize)
    pitch = aligned(int(plan.phases[:, 0].max()) + beyond, 16)
    share = aligned(channels * plan.volume + beyond + weights + 6 * pitch)
    phases, target = Phases(plan.phases, len(plan.phases), plan.tables, offsets), (outputs, prod(written), *written[1:])
    return _Prepared(
        plan, phases, (weights, *strides), channels, prod(read), target, pitch, share, work / CONVOLUTION_RATE
    )


def _offsets(plan: PlanChannelsFirst, channels: int) -> np.ndarray:
    """Offsets of all [channel][tap] of each phase."""
    firsts = np.arange(channels)[:, None] * plan.volume
    taps = [plan.tables[start : start + n] for _, n, start in plan.phases[:, :3]]
    return np.concatenate([(firsts + t).reshape(-1) for t in taps] + [np.zeros(1, np.int64)])


def _run(p: _Prepared, shape: Shape, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, y: np.ndarray) -> None:
    """Every image of ``x`` (N x channels x ...) into ``y`` (N x outputs x ...)."""
    parts = 1 if p.nanoseconds < LAUNCH else min(threads(p.nanoseconds), shape.images * shape.groups)
    images = Images(x, shape.images, shape.groups, p.channels, p.pixels, p.plan.sizes, p.plan.volume)
    room = Room(take("images", x.dtype, parts * p.share), p.share, p.pitch)
    weights, target = Weights(weight, *p.strides, bias, bias is not None), Target(y, *p.target)
    _convolve(parts, images, weights, target, p.phases, room)


def forward(shape: Shape, x, weight, bias, y) -> None:
    """``y = weight * x + bias``: x N x C x sizes, weight O x C/groups x kernel."""
    _run(_prepared(shape, False), shape, x, weight, bias, y)


def backward_input(shape: Shape, dy, weight, bias, dx) -> None:
    """The gradient with respect to x, plus ``bias`` unless it is None."""
    _run(_prepared(shape, True), shape, dy, weight, bias, dx)


def _idle(channels: int, dtype: np.dtype) -> bool:
    """Whether vectors of so many channels would be idle for a quarter or more, and vectors along rows are better."""
    return channels <= lanes_of(dtype.itemsize) * 3 // 4


OUTPUT = Method(lambda shape: _idle(shape.outputs, shape.dtype), forward)
GRAD_INPUT = Method(lambda shape: _idle(shape.channels, shape.dtype), backward_input)
