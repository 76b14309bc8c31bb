"""Convolution of planes along a table of connections: rows (input plane, output plane), from 0.

The large planes are those the kernel moves over, the small ones have a pixel for each of its places:
``small[to] = sum of weight[k] * large[from]``. The full convolution exchanges the two.

Vectors lie along the rows of the images, as in :mod:`channels_first`: an output plane is a product of one row whose
offsets lead to the planes that it is connected with.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..cpu.conv.channels_first import (
    BEYOND,
    Images,
    Phases,
    Target,
    box_at,
    copy_in,
    copy_out,
    phase_at,
    span_of_pixels,
)
from ..cpu.conv.channels_first_weight import (
    BLOCK_VECTORS,
    MOST_TAPS,
    SUM_BYTES,
    Gradients,
    Sums,
    Taps,
    copy_gradient,
    finish,
    inner_products,
)
from ..cpu.conv.geometry_channels_first import PlanChannelsFirst, plan_channels_first
from ..cpu.gemm.transpose import clear
from ..cpu.runtime.blocking import PLANE_RATE
from ..cpu.runtime.isa import lanes_of
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import parallel_region
from ..cpu.runtime.partition import aligned, bound, pieces, threads
from ..cpu.runtime.records import Int, Pointer, Table
from ..cpu.runtime.workspace import take
from ..cpu.simd import registers as simd
from .full_convolution import add_sums

INPUT, OUTPUT = 0, 1
CHUNKS = 16


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


def _key(backward: bool, large: Any, weight: Any, dH: int, dW: int) -> tuple:
    return backward, (1, *large.shape[2:]), (1, *weight.shape[1:]), (1, dH, dW), (0, 0, 0), (1, 1, 1)


def _table(connTable: Any) -> bytes:
    return np.ascontiguousarray(connTable, np.int64).tobytes()


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


class Pairs(NamedTuple):
    """The large and the small plane of each connection."""

    large: Table
    small: Table
    count: Int


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


def correlate(large: Any, small: Any, weight: Any, bias: Any, connTable: Any, source: int, dH: int, dW: int) -> None:
    """The small planes, plus ``bias`` unless it is None; ``source`` is the table's column of the large ones."""
    key = _key(False, large, weight, dH, dW)
    if small.size:
        _run(_connections(key, _table(connTable), source, small.shape[1]), large, small, weight, bias)


def paint(small: Any, large: Any, weight: Any, bias: Any, connTable: Any, source: int, dH: int, dW: int) -> None:
    """The large planes, plus ``bias`` unless it is None; ``source`` is the table's column of the small ones."""
    key = _key(True, large, weight, dH, dW)
    if large.size:
        _run(_connections(key, _table(connTable), source, large.shape[1]), small, large, weight, bias)


@inner
def _copy_planes(images, gradients, n, box, image, gradient, pitch):
    """The planes of image n, and those of its gradOutput, to scratch."""
    for c in range(images.channels):
        source = simd.at(images.data, (n * images.channels + c) * images.pixels)
        copy_in(source, box, simd.at(image, c * images.volume))
    for o in range(gradients.outputs):
        source = simd.at(gradients.data, (n * gradients.outputs + o) * gradients.height * gradients.width)
        copy_gradient(source, gradients, box, simd.at(gradient, o * pitch))


@inner
def _add_connections(image, volume, gradient, room, pairs, connections, taps, sums):
    """sums[connection][tap] += the inner products of a range of connections."""
    lanes = simd.lanes(image)
    K = room.pitch // lanes
    for j in range(connections[0], connections[1]):
        large = simd.at(image, simd.get(pairs.large, j) * volume)
        small = simd.at(gradient, simd.get(pairs.small, j) * room.pitch)
        for k in range(0, K, BLOCK_VECTORS):
            a, b = simd.at(small, k * lanes), simd.at(large, k * lanes)
            inner_products(a, room.pitch, 1, b, taps, min(BLOCK_VECTORS, K - k), simd.at(sums, j * taps.line))


@parallel_region
def _sum_chunks(images: Images, gradients: Gradients, pairs: Pairs, taps: Taps, sums: Sums, room: Room, part, parts):
    """sums[chunk][connection][tap][lane]: a chunk of the images and a share of the connections are a job."""
    image = simd.at(room.data, part * room.share)
    gradient = simd.at(image, room.space)
    clear(image, room.space + gradients.outputs * room.pitch)
    box, chunks, splits = box_at(images.box, 0, image), sums.chunks, room.splits
    for job in range(bound(chunks * splits, part, parts, 1), bound(chunks * splits, part + 1, parts, 1)):
        chunk, split = job // splits, job % splits
        first, last = bound(pairs.count, split, splits, 1), bound(pairs.count, split + 1, splits, 1)
        own = simd.at(sums.data, chunk * pairs.count * taps.line)
        clear(simd.at(own, first * taps.line), (last - first) * taps.line)
        for n in range(bound(images.count, chunk, chunks, 1), bound(images.count, chunk + 1, chunks, 1)):
            _copy_planes(images, gradients, n, box, image, gradient, room.pitch)
            _add_connections(image, images.volume, gradient, room, pairs, (first, last), taps, own)


def accumulate(
    large: Any, small: Any, gradWeight: Any, connTable: Any, source: int, dH: int, dW: int, scale: float
) -> None:
    """gradWeight[k][a][b] += scale * sum of large[y dH + a][x dW + b] small[y][x]"""
    if not small.size:
        return
    key = _key(False, large, gradWeight, dH, dW)
    planes = np.ascontiguousarray(connTable[:, [source, 1 - source]].T, np.int64)
    line = (len(_plan_of_sums(key)[1]) + 1) * lanes_of(large.itemsize)
    together = max(1, SUM_BYTES // (line * large.itemsize))
    for first in range(0, len(gradWeight), together):
        own = slice(first, first + together)
        pairs = Pairs(planes[0][own], planes[1][own], len(gradWeight[own]))
        _accumulate(large, small, gradWeight[own], pairs, key, line, scale)


def _accumulate(large: Any, small: Any, gradWeight: Any, pairs: Pairs, key: tuple, line: int, scale: float) -> None:
    x, connections = large, pairs.count
    plan, offsets, span = _plan_of_sums(key)
    images, targets, height, width = small.shape
    lanes = lanes_of(x.itemsize)
    chunks = max(1, min(images, CHUNKS, SUM_BYTES // (connections * line * x.itemsize)))
    parts = threads(images * gradWeight.size * height * width / PLANE_RATE)
    splits = pieces(chunks, parts, 4, connections)
    sums = Sums(take("weights", x.dtype, chunks * connections * line), 1, chunks, connections, line)
    space = aligned(x.shape[1] * plan.volume + 2 * lanes)
    pitch = aligned(span, lanes)
    share = aligned(space + targets * pitch)
    taps = Taps(offsets, len(offsets) - MOST_TAPS, line)
    _sum_chunks(
        min(parts, chunks * splits),
        Images(x, images, 1, x.shape[1], x.shape[2] * x.shape[3], plan.sizes, plan.volume),
        Gradients(small, targets, 1, height, width, span),
        pairs,
        taps,
        sums,
        Room(take("images", x.dtype, parts * share), share, space, pitch, splits),
    )
    finish(min(parts, connections), sums, taps.count, gradWeight, None, False, float(scale))


@lru_cache(maxsize=64)
def _plan_of_sums(key: tuple) -> tuple[PlanChannelsFirst, np.ndarray, int]:
    """The plan, the offsets of the taps with as many more as a tile may read, and the places of a small plane."""
    plan = plan_channels_first(*key)
    span, taps, start = (int(n) for n in plan.phases[0, :3])
    offsets = plan.tables[start : start + taps]
    return plan, np.concatenate([offsets, np.repeat(offsets[-1:], MOST_TAPS)]), span


def SpatialConvolutionMap_updateOutput(
    input: Any, output: Any, weight: Any, bias: Any, connTable: Any, dW: int, dH: int
) -> None:
    """``N x I x H x W`` to ``N x O x oH x oW`` with ``weight`` ``rows x kH x kW``."""
    correlate(input, output, weight, bias, connTable, INPUT, dH, dW)


def SpatialConvolutionMap_updateGradInput(
    gradOutput: Any, gradInput: Any, weight: Any, connTable: Any, dW: int, dH: int
) -> None:
    paint(gradOutput, gradInput, weight, None, connTable, OUTPUT, dH, dW)


def SpatialConvolutionMap_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, connTable: Any, dW: int, dH: int, scale: float
) -> None:
    """Add ``scale`` times the gradients to ``gradWeight`` and ``gradBias``."""
    accumulate(input, gradOutput, gradWeight, connTable, INPUT, dH, dW, scale)
    add_sums(gradOutput, gradBias, scale)
