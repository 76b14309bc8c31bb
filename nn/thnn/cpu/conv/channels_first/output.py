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

from ...gemm.transpose import clear
from ...runtime.blocking import CONVOLUTION_RATE
from ...runtime.isa import lanes_of
from ...runtime.jit import compact, inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import LAUNCH, aligned, bound, threads
from ...runtime.records import Int, Pointer, Table
from ...runtime.workspace import take
from ...simd import registers as simd
from ..geometry import output_size
from ..method import GEOMETRY, Method, Shape
from .geometry import PlanChannelsFirst, plan_channels_first
from .planes import Images, Target, box_at, copy_in, copy_out, phase_at
from .spans import BEYOND, rows_of_tile, span_of_pixels


class Weights(NamedTuple):
    """Weights as they lie: elements from a group, an output and a channel to the next."""

    data: Pointer
    group_stride: Int
    output_stride: Int
    channel_stride: Int
    bias: Pointer
    has_bias: Int


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


@inner
@compact
def _pack(weights, start, outputs, channels, taps, numbers, packed):
    """packed[tile][channel][tap][row] for the taps of a phase, from the weights at ``start`` on."""
    o = 0
    while o < outputs:
        rows = rows_of_tile(outputs - o)
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
@compact
def _outputs(image, filters, phase, box, weights, job, target, buffer):
    """The outputs of a phase, whose weights and offsets are ``filters``, of a job (group, image, channels, pitch)."""
    (packed, offsets), (group, n, channels, pitch) = filters, job
    K, o = channels * phase.taps, 0
    while o < target.outputs:
        rows = rows_of_tile(target.outputs - o)
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
@compact
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
