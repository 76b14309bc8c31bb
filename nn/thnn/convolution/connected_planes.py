"""Planes that are sums over their connections with others; see :mod:`spatial_convolution_map`.

Vectors lie along the rows of the images, as in :mod:`nn.thnn.cpu.conv.channels_first`: an output plane is a product of
one row whose offsets lead to the planes that it is connected with.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..cpu.conv.channels_first.geometry import PlanChannelsFirst, plan_channels_first
from ..cpu.conv.channels_first.output import Phases
from ..cpu.conv.channels_first.planes import Images, Target, box_at, copy_in, copy_out, phase_at
from ..cpu.conv.channels_first.spans import BEYOND, span_of_pixels
from ..cpu.gemm.transpose import clear
from ..cpu.runtime.blocking import PLANE_RATE
from ..cpu.runtime.isa import lanes_of
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import parallel_region
from ..cpu.runtime.partition import aligned, bound, pieces, threads
from ..cpu.runtime.records import Int, Pointer, Table
from ..cpu.runtime.workspace import take
from ..cpu.simd import registers as simd


class _Connections(NamedTuple):
    """A table in the order of the planes that are computed."""

    plan: PlanChannelsFirst
    #: Rows of the table, and where those of each plane begin.
    order: np.ndarray
    starts: np.ndarray
    #: Offsets of [connection][tap] for each phase of the plan.
    offsets: np.ndarray


@lru_cache(maxsize=64)
def _connections(key: tuple, table: bytes, source: int, planes: int) -> _Connections:
    plan, pairs = plan_channels_first(*key), np.frombuffer(table, np.int64).reshape(-1, 2)
    order = np.argsort(pairs[:, 1 - source], kind="stable")
    starts = np.searchsorted(pairs[order, 1 - source], np.arange(planes + 1)).astype(np.int64)
    first = pairs[order, source][:, None] * plan.volume
    offsets = [(first + plan.tables[start : start + n]).reshape(-1) for _, n, start in plan.phases[:, :3]]
    return _Connections(plan, order.astype(np.int64), starts, np.concatenate([*offsets, np.zeros(1, np.int64)]))


class Weights(NamedTuple):
    """A kernel of ``area`` taps for each of ``count`` connections, their order, and where each output's begin."""

    data: Pointer
    area: Int
    count: Int
    order: Table
    starts: Table
    bias: Pointer
    has_bias: Int


class Room(NamedTuple):
    """Scratch, ``share`` elements a thread, ``space`` for an image; sums of ``pitch``; splits of the outputs."""

    data: Pointer
    share: Int
    space: Int
    pitch: Int
    splits: Int


@inner
def _pack(weights, phases, packed):
    """packed[phase][connection][tap], connections in order."""
    done = 0
    for number in range(phases.count):
        phase = phase_at(phases.words, number, packed)
        numbers = simd.at(phases.tables, phase.numbers)
        for k in range(weights.count):
            kernel = simd.at(weights.data, simd.get(weights.order, k) * weights.area)
            target = simd.at(packed, done * weights.count + k * phase.taps)
            for t in range(phase.taps):
                simd.put(target, t, simd.get(kernel, simd.get(numbers, t)))
        done += phase.taps


@inner
def _output(image, packed, offsets, weights, o, phase, buffer, room):
    """The sums of one plane for a phase; ``packed`` and ``offsets`` are those of the phase."""
    first = simd.get(weights.starts, o) * phase.taps
    K = (simd.get(weights.starts, o + 1) - simd.get(weights.starts, o)) * phase.taps
    if K:
        span_of_pixels(simd.at(packed, first), image, simd.at(offsets, first), K, phase.span, 1, buffer, room.pitch)
    else:
        clear(buffer, room.pitch)


@inner
def _outputs(image, packed, weights, phases, job, target, buffer, room):
    """Some planes of one image; ``job`` is the image and the split of its outputs."""
    n, split, box, done = job[0], job[1], job[2], 0
    outputs = bound(target.outputs, split, room.splits, 1), bound(target.outputs, split + 1, room.splits, 1)
    for number in range(phases.count):
        phase = phase_at(phases.words, number, image)
        own, offsets = simd.at(packed, done * weights.count), simd.at(phases.offsets, done * weights.count)
        for o in range(outputs[0], outputs[1]):
            _output(image, own, offsets, weights, o, phase, buffer, room)
            plane = simd.at(target.data, (n * target.outputs + o) * target.pixels)
            copy_out(buffer, phase, box, target, plane, simd.get(weights.bias, o) if weights.has_bias else 0.0)
        done += phase.taps


@parallel_region
def _planes(images: Images, weights: Weights, target: Target, phases: Phases, room: Room, part, parts):
    """Some planes of an image, the sums over their connections, are a job."""
    image = simd.at(room.data, part * room.share)
    packed = simd.at(image, room.space)
    buffer = simd.at(packed, weights.area * weights.count)
    box = box_at(images.box, 0, image)
    clear(image, room.space)
    _pack(weights, phases, packed)
    held, jobs = -1, images.count * room.splits
    for job in range(bound(jobs, part, parts, 1), bound(jobs, part + 1, parts, 1)):
        n, split = job // room.splits, job % room.splits
        for c in range(0 if n == held else images.channels):
            source = simd.at(images.data, (n * images.channels + c) * images.pixels)
            copy_in(source, box, simd.at(image, c * images.volume))
        held = n
        _outputs(image, packed, weights, phases, (n, split, box), target, buffer, room)


def _run(found: _Connections, x: Any, y: Any, weight: Any, bias: Any) -> None:
    plan, lanes = found.plan, lanes_of(x.itemsize)
    images, targets, height, width = y.shape
    area = weight.shape[1] * weight.shape[2]
    parts = threads(images * height * width * weight.size / len(plan.phases) / PLANE_RATE)
    splits = pieces(images, parts, 8, targets)
    space = aligned(x.shape[1] * plan.volume + BEYOND * lanes)
    pitch = int(plan.phases[:, 0].max()) + BEYOND * lanes
    share = aligned(space + weight.size + pitch)
    _planes(
        min(parts, images * splits),
        Images(x, images, 1, x.shape[1], x.shape[2] * x.shape[3], plan.sizes, plan.volume),
        Weights(weight, area, len(weight), found.order, found.starts, bias, bias is not None),
        Target(y, targets, height * width, height, width),
        Phases(plan.phases, len(plan.phases), plan.tables, found.offsets),
        Room(take("images", x.dtype, parts * share), share, space, pitch, splits),
    )


def planes(
    x: Any, y: Any, weight: Any, bias: Any, connTable: Any, source: int, stride: tuple[int, int], enlarge: bool
) -> None:
    """The planes ``y``, large ones if ``enlarge``, from ``x``, plus ``bias`` unless it is None.

    ``source``: the column of the table that names the planes of ``x``.
    """
    if y.size:
        key = geometry(enlarge, y if enlarge else x, weight, stride)
        table = np.ascontiguousarray(connTable, np.int64).tobytes()
        _run(_connections(key, table, source, y.shape[1]), x, y, weight, bias)


def geometry(enlarge: bool, large: Any, weight: Any, stride: tuple[int, int]) -> tuple:
    """Arguments of :func:`plan_channels_first` for one connection."""
    return enlarge, (1, *large.shape[2:]), (1, *weight.shape[1:]), (1, *stride), (0, 0, 0), (1, 1, 1)
