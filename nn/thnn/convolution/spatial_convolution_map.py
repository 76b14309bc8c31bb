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

from ..cpu.conv.channels_first import BEYOND, WORDS, copy_in, copy_out, span_of_places
from ..cpu.conv.channels_first_weight import MOST, NEAR, SUMS, finish, inner_products, spread
from ..cpu.conv.geometry_channels_first import FewPlan, few_plan
from ..cpu.gemm.transpose import clear
from ..cpu.runtime.isa import lanes_of
from ..cpu.runtime.jit import inner
from ..cpu.runtime.parallel import team, unpack
from ..cpu.runtime.partition import bound, threads
from ..cpu.runtime.workspace import scratch
from ..cpu.simd import registers as simd
from .full_convolution import add_sums

INPUT, OUTPUT = 0, 1
CHUNKS = 16


class _Connections(NamedTuple):
    """A table in the order of the planes that are computed."""

    plan: FewPlan
    #: Rows of the table, and where those of each plane begin.
    order: np.ndarray
    starts: np.ndarray
    #: Offsets of [connection][tap] for each phase of the plan.
    offsets: np.ndarray


@lru_cache(maxsize=64)
def _connections(key: tuple, table: bytes, source: int, planes: int) -> _Connections:
    plan, pairs = few_plan(*key), np.frombuffer(table, np.int64).reshape(-1, 2)
    order = np.argsort(pairs[:, 1 - source], kind="stable")
    starts = np.searchsorted(pairs[order, 1 - source], np.arange(planes + 1)).astype(np.int64)
    first = pairs[order, source][:, None] * plan.volume
    offsets = [(first + plan.tables[start : start + n]).reshape(-1) for _, n, start in plan.phases[:, :3]]
    return _Connections(plan, order.astype(np.int64), starts, np.concatenate([*offsets, np.zeros(1, np.int64)]))


def _key(backward: bool, large: Any, weight: Any, dH: int, dW: int) -> tuple:
    return backward, (1, *large.shape[2:]), (1, *weight.shape[1:]), (1, dH, dW), (0, 0, 0), (1, 1, 1)


def _table(connTable: Any) -> bytes:
    return np.ascontiguousarray(connTable, np.int64).tobytes()


@inner
def _pack(w, area, order, connections, phases, n_phases, tables, packed):
    """packed[phase][connection][tap], connections in order."""
    done = 0
    for f in range(n_phases):
        phase = simd.at(phases, f * WORDS)
        taps, numbers = simd.get(phase, 1), simd.at(tables, simd.get(phase, 3))
        for k in range(connections):
            for t in range(taps):
                value = simd.get(w, simd.get(order, k) * area + simd.get(numbers, t))
                simd.put(packed, (done * connections) + k * taps + t, value)
        done += taps


@team
def _planes(frame, like, part, parts):
    """Some planes of an image, the sums over their connections, a job."""
    args = unpack(frame, like, "piiitiipittipipitittiiiipi")
    x, images, sources, pixels, sizes, volume, space, w, area, order, starts, connections, bias, has_bias = args[:14]
    y, targets, phases, n_phases, tables, offsets, height, width, splits, pitch, work, share = args[14:]
    image = simd.at(work, part * share)
    packed = simd.at(image, space)
    buffer = simd.at(packed, area * connections)
    clear(image, space)
    _pack(w, area, order, connections, phases, n_phases, tables, packed)
    held = -1
    for job in range(bound(images * splits, part, parts, 1), bound(images * splits, part + 1, parts, 1)):
        n, split = job // splits, job % splits
        for c in range(0 if n == held else sources):
            copy_in(simd.at(x, (n * sources + c) * pixels), sizes, simd.at(image, c * volume))
        held, done = n, 0
        for f in range(n_phases):
            phase = simd.at(phases, f * WORDS)
            taps = simd.get(phase, 1)
            for o in range(bound(targets, split, splits, 1), bound(targets, split + 1, splits, 1)):
                first = done * connections + simd.get(starts, o) * taps
                K = (simd.get(starts, o + 1) - simd.get(starts, o)) * taps
                if K:
                    own, seen = simd.at(packed, first), simd.at(offsets, first)
                    span_of_places(own, image, seen, K, simd.get(phase, 0), 1, buffer, pitch)
                else:
                    clear(buffer, pitch)
                plane = simd.at(y, (n * targets + o) * height * width)
                b = simd.get(bias, o) if has_bias else 0.0
                copy_out(buffer, phase, sizes, plane, height, width, b)
            done += taps


def _run(found: _Connections, x: Any, y: Any, weight: Any, bias: Any) -> None:
    plan, lanes = found.plan, lanes_of(x.itemsize)
    images, targets, height, width = y.shape
    area = weight.shape[1] * weight.shape[2]
    parts = threads(images * height * width * weight.size / len(plan.phases) / 10)
    splits = 1 if images % parts == 0 or images >= 8 * parts else min(parts, targets)
    space = -(-(x.shape[1] * plan.volume + BEYOND * lanes) // 64) * 64
    pitch = int(plan.phases[:, 0].max()) + BEYOND * lanes
    share = -(-(space + weight.size + pitch) // 64) * 64
    _planes(
        x, min(parts, images * splits), x, images, x.shape[1], x.shape[2] * x.shape[3], plan.sizes, plan.volume, space,
        weight, area, found.order, found.starts, len(weight), y if bias is None else bias, bias is not None,
        y, targets, plan.phases, len(plan.phases), plan.tables, found.offsets, height, width, splits, pitch,
        scratch(x.dtype, parts * share, "images"), share,
    )  # fmt: skip


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


@team
def _sum_chunks(frame, like, part, parts):
    """sums[chunk][connection][tap][lane]: a chunk of the images and a share of the connections are a job."""
    args = unpack(frame, like, "piiitiitipiiiiiittipiiiipi")
    x, images, sources, pixels, sizes, volume, space, offsets, taps, dy, targets, height, width, down, across = args[
        :15
    ]
    span, large_planes, small_planes, connections, sums, chunks, splits, line, pitch, work, share = args[15:]
    lanes = simd.lanes(x)
    K = (span + lanes - 1) // lanes
    image = simd.at(work, part * share)
    gradient = simd.at(image, space)
    clear(image, space + targets * pitch)
    for job in range(bound(chunks * splits, part, parts, 1), bound(chunks * splits, part + 1, parts, 1)):
        chunk, split = job // splits, job % splits
        first, last = bound(connections, split, splits, 1), bound(connections, split + 1, splits, 1)
        own = simd.at(sums, chunk * connections * line)
        clear(simd.at(own, first * line), (last - first) * line)
        for n in range(bound(images, chunk, chunks, 1), bound(images, chunk + 1, chunks, 1)):
            for c in range(sources):
                copy_in(simd.at(x, (n * sources + c) * pixels), sizes, simd.at(image, c * volume))
            for o in range(targets):
                source = simd.at(dy, (n * targets + o) * height * width)
                spread(source, 1, height, width, down, across, simd.at(gradient, o * pitch))
            for j in range(first, last):
                seen = simd.at(image, simd.get(large_planes, j) * volume)
                near, target = simd.at(gradient, simd.get(small_planes, j) * pitch), simd.at(own, j * line)
                for k in range(0, K, NEAR):
                    a, b = simd.at(near, k * lanes), simd.at(seen, k * lanes)
                    inner_products(a, pitch, 1, b, offsets, taps, min(NEAR, K - k), target, line)


def accumulate(
    large: Any, small: Any, gradWeight: Any, connTable: Any, source: int, dH: int, dW: int, scale: float
) -> None:
    """gradWeight[k][a][b] += scale * sum of large[y dH + a][x dW + b] small[y][x]"""
    if not small.size:
        return
    key = _key(False, large, gradWeight, dH, dW)
    planes = np.ascontiguousarray(connTable[:, [source, 1 - source]].T, np.int64)
    line = (len(_plan_of_sums(key)[1]) + 1) * lanes_of(large.itemsize)
    together = max(1, SUMS // (line * large.itemsize))
    for first in range(0, len(gradWeight), together):
        own = slice(first, first + together)
        _accumulate(large, small, gradWeight[own], planes[0][own], planes[1][own], key, line, scale)


def _accumulate(
    large: Any, small: Any, gradWeight: Any, large_planes: Any, small_planes: Any, key: tuple, line: int, scale: float
) -> None:
    x, connections = large, len(gradWeight)
    plan, taps, span = _plan_of_sums(key)
    images, targets, height, width = small.shape
    lanes = lanes_of(x.itemsize)
    chunks = max(1, min(images, CHUNKS, SUMS // (connections * line * x.itemsize)))
    parts = threads(images * gradWeight.size * height * width / 10)
    splits = 1 if chunks % parts == 0 or chunks >= 4 * parts else min(parts, connections)
    sums = scratch(x.dtype, chunks * connections * line, "weights")
    space = -(-(x.shape[1] * plan.volume + 2 * lanes) // 64) * 64
    pitch = -(-span // lanes) * lanes
    share = -(-(space + targets * pitch) // 64) * 64
    _sum_chunks(
        x, min(parts, chunks * splits), x, images, x.shape[1], x.shape[2] * x.shape[3], plan.sizes, plan.volume, space,
        taps, len(taps) - MOST, small, targets, height, width, *(int(n) for n in plan.sizes[10:12]), span,
        large_planes, small_planes, connections, sums, chunks, splits, line, pitch,
        scratch(x.dtype, parts * share, "images"), share,
    )  # fmt: skip
    finish(
        x, min(parts, connections), sums, 1, chunks, connections, line, len(taps) - MOST, gradWeight, gradWeight,
        False, float(scale),
    )  # fmt: skip


@lru_cache(maxsize=64)
def _plan_of_sums(key: tuple) -> tuple[FewPlan, np.ndarray, int]:
    """The plan, the offsets of the taps with as many more as a tile may read, and the places of a small plane."""
    plan = few_plan(*key)
    span, taps, start = (int(n) for n in plan.phases[0, :3])
    offsets = plan.tables[start : start + taps]
    return plan, np.concatenate([offsets, np.repeat(offsets[-1:], MOST)]), span


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
