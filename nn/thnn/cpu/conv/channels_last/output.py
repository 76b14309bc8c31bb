"""Convolution in 1 to 3 dimensions, computed directly: output and gradInput.

Each image is copied to scratch as [pixel][channel] with its border of zeros, and a block of outputs is a product of
:mod:`microkernel`: its rows are output pixels, its columns are output channels, and it sums over the taps. Strides,
borders and dilation are only in the offsets of the rows (:mod:`geometry`); no column matrix is made. Weights are packed
once a call.
"""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import NamedTuple

import numpy as np

from ...gemm.microkernel import COLUMNS, ROWS, by_rows
from ...gemm.transpose import clear, to_channels_first, to_channels_last
from ...runtime.blocking import CONVOLUTION_RATE
from ...runtime.isa import lanes_of
from ...runtime.jit import compact, inlined, inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import LAUNCH, aligned, bound, pieces, threads
from ...runtime.records import Int, Pointer, Table, reader
from ...runtime.workspace import take
from ...simd import registers as simd
from ..blocks import NARROW, block_width, copy_bias, narrow_tile, wide_tile
from ..geometry import SLACK, Phase, Plan, Triple, backward_plan, forward_plan, output_size
from ..method import GEOMETRY, Method, Shape
from .packed_weights import Weights, pack

#: Output pixels of a block: their sums, and the pixels they read, stay in the first two caches.
BLOCK_PIXELS = 96
#: For the last few pixels of a block.
LAST_WIDE, LAST_NARROW = ROWS // 2, NARROW // 3
_last_wide, _last_narrow = by_rows(LAST_WIDE, COLUMNS), by_rows(LAST_NARROW, 1)


class Images(NamedTuple):
    """``count`` images of a group each; ``box_pixels`` are the places of their pixels in a box with the border."""

    data: Pointer
    count: Int
    channels: Int
    pixels: Int
    box_pixels: Table
    box: Int
    #: Elements from a pixel of the box to the next.
    pitch: Int


class Target(NamedTuple):
    """The output, or gradInput, and the bias that is added."""

    data: Pointer
    pixels: Int
    bias: Pointer
    has_bias: Int


class Phases(NamedTuple):
    """The phases of a :class:`geometry.Plan`, and the tables they name."""

    words: Table
    count: Int
    tables: Table


class Room(NamedTuple):
    """Scratch, ``share`` elements a thread, and into how many splits the outputs of an image are divided."""

    data: Pointer
    share: Int
    splits: Int


_phase_at = reader(Phase)


class Tile(NamedTuple):
    """A block of outputs: where its sums go, a row of ``pitch`` elements a pixel, and the bias they begin with."""

    data: Pointer
    pitch: Int
    bias: Pointer


@inlined
def _tiles(image, reads, slabs, phase, w, width, tile, count):
    """tile[pixel][width] = sum of the taps of ``count`` pixels, for one block of packed weights, plus bias."""
    wide, R, K, r_stride = width > simd.lanes(image), phase.R, phase.K, phase.r_stride
    last = LAST_WIDE if wide else LAST_NARROW
    for p in range(0, count, ROWS if wide else NARROW):
        c, pitch, pixel = simd.at(tile.data, p * tile.pitch), tile.pitch, simd.at(reads, p)
        for n in range(phase.slab_count):
            a, b = simd.at(image, simd.get(slabs, n)), simd.at(w, n * R * K * width)
            start, stride = (tile.bias, 0) if n == 0 else (c, pitch)
            if wide and count - p > last:
                wide_tile(a, pixel, r_stride, b, K * width, width, c, pitch, start, stride, R, K)
            elif wide:
                _last_wide(a, pixel, r_stride, b, K * width, width, c, pitch, start, stride, R, K)
            elif count - p > last:
                narrow_tile(a, pixel, r_stride, b, K * width, width, c, pitch, start, stride, R, K)
            else:
                _last_narrow(a, pixel, r_stride, b, K * width, width, c, pitch, start, stride, R, K)


@inner
def _block(image, tables, phase, pixels, weights, outputs, tile):
    """tile[pixel][output] for a range of pixels of a phase and a range of outputs."""
    (p, count), (first, last) = pixels, outputs
    lanes = simd.lanes(image)
    for i in range(0, 0 if phase.slab_count else count * tile.pitch, lanes):
        simd.store(tile.data, i, simd.load(tile.bias, i % tile.pitch))
    o = first
    while o < last and phase.slab_count > 0:
        width = block_width(weights.outputs - o, lanes)
        panel = simd.at(weights.data, o * weights.rows + phase.first_row * width)
        part = Tile(simd.at(tile.data, o - first), tile.pitch, simd.at(tile.bias, o - first))
        _tiles(image, simd.at(tables, phase.reads + p), simd.at(tables, phase.slabs), phase, panel, width, part, count)
        o += width


@inner
def _scatter(tile, count, targets, canvas):
    """canvas[targets[p]] = tile[p]"""
    lanes = simd.lanes(canvas)
    for p in range(count):
        target = simd.at(canvas, simd.get(targets, p) * tile.pitch)
        for i in range(0, tile.pitch, lanes):
            simd.store(target, i, simd.load(tile.data, p * tile.pitch + i))


@inner
@compact
def _phases(image, phases, weights, outputs, tile, target, canvas):
    """All outputs of a range of one image, to the planes of ``target``."""
    first, last = outputs
    for number in range(phases.count):
        phase = _phase_at(phases.words, number, image)
        for p in range(0, phase.pixels, BLOCK_PIXELS):
            count = min(BLOCK_PIXELS, phase.pixels - p)
            _block(image, phases.tables, phase, (p, count), weights, outputs, tile)
            if phases.count == 1:
                plane = simd.at(target.data, p)
                to_channels_first(tile.data, tile.pitch, last - first, count, plane, target.pixels)
            else:
                _scatter(tile, count, simd.at(phases.tables, phase.targets + p), canvas)
    if phases.count > 1:
        to_channels_first(canvas, tile.pitch, last - first, target.pixels, target.data, target.pixels)


@parallel_region
@compact
def _direct(images: Images, weights: Weights, target: Target, phases: Phases, room: Room, part, parts):
    """The jobs - an image's group, or a share of its outputs - of one part."""
    wide = COLUMNS * simd.lanes(images.data)
    image = simd.at(room.data, part * room.share)
    bias = simd.at(image, images.box * images.pitch + SLACK)
    sums = simd.at(bias, weights.padded)
    canvas = simd.at(sums, (BLOCK_PIXELS + SLACK) * weights.padded)
    clear(image, images.box * images.pitch)
    held, jobs = -1, images.count * room.splits
    for job in range(bound(jobs, part, parts, 1), bound(jobs, part + 1, parts, 1)):
        n, split = job // room.splits, job % room.splits
        first, last = (
            bound(weights.outputs, split, room.splits, wide),
            bound(weights.outputs, split + 1, room.splits, wide),
        )
        pitch, group = (last - first + wide - 1) // wide * wide, n % weights.groups
        if n != held:
            source, pixels = simd.at(images.data, n * images.channels * images.pixels), images.pixels
            to_channels_last(source, pixels, images.channels, pixels, image, images.box_pixels, images.pitch)
            held = n
        start = simd.at(target.bias, group * weights.outputs + first if target.has_bias else 0)
        copy_bias(start, last - first, pitch, target.has_bias != 0, bias)
        packed = simd.at(weights.data, group * weights.padded * weights.rows)
        own = Weights(packed, weights.groups, weights.outputs, weights.rows, weights.padded)
        planes = simd.at(target.data, (n * weights.outputs + first) * target.pixels)
        out = Target(planes, target.pixels, target.bias, target.has_bias)
        _phases(image, phases, own, (first, last), Tile(sums, pitch, bias), out, canvas)


class _Prepared(NamedTuple):
    """What a shape of a pass needs; ``source`` are the fields of :class:`Source` behind the data."""

    plan: Plan
    phases: Phases
    source: tuple
    #: Images of a group each, channels and pixels of what is read, outputs with those that fill the last block.
    jobs: int
    channels: int
    pixels: int
    outputs: int
    padded: int
    out_pixels: int
    box: int
    #: Elements of scratch of a thread, and nanoseconds of all work.
    share: int
    nanoseconds: float


def _prepared(
    plan: Plan, shape: Shape, source: tuple, sizes: tuple[Triple, Triple], planes: tuple[int, int]
) -> _Prepared:
    """For ``sizes`` and ``planes`` of what is read and of what is written."""
    channels, outputs = planes
    jobs, out_pixels = shape.images * shape.groups, prod(sizes[1])
    padded = aligned(outputs, COLUMNS * lanes_of(shape.dtype.itemsize))
    share = prod(plan.box) * plan.pitch + SLACK + padded * (1 + BLOCK_PIXELS + SLACK)
    if len(plan.phases) > 1:
        share += (out_pixels + SLACK) * padded
    nanoseconds = jobs * outputs * out_pixels * plan.rows / len(plan.phases) / CONVOLUTION_RATE
    phases, pixels = Phases(plan.phases, len(plan.phases), plan.tables), prod(sizes[0])
    numbers = jobs, channels, pixels, outputs, padded, out_pixels, prod(plan.box), aligned(share), nanoseconds
    return _Prepared(plan, phases, source, *numbers)


@lru_cache(maxsize=64)
def _forward(shape: Shape) -> _Prepared:
    plan = forward_plan(*shape[:GEOMETRY], shape.channels)
    rows = _with_slack((np.arange(shape.channels)[:, None] + plan.tap_rows).reshape(-1))
    taps = len(plan.tap_rows)
    weights = shape.outputs * shape.channels * taps
    source = weights, shape.channels * taps, 1, 0, rows, len(rows) - SLACK
    sizes = tuple(map(output_size, *shape[:GEOMETRY]))
    return _prepared(plan, shape, source, (shape.size, sizes), (shape.channels, shape.outputs))


@lru_cache(maxsize=64)
def _backward(shape: Shape) -> _Prepared:
    plan = backward_plan(*shape[:GEOMETRY], shape.outputs)
    taps = len(plan.tap_rows)
    weights = shape.outputs * shape.channels * taps
    source = weights, taps, shape.outputs, shape.channels * taps, _with_slack(plan.tap_rows), taps
    sizes = tuple(map(output_size, *shape[:GEOMETRY]))
    return _prepared(plan, shape, source, (sizes, shape.size), (shape.outputs, shape.channels))


def _with_slack(table: np.ndarray) -> np.ndarray:
    return np.concatenate([table, np.repeat(table[-1:], SLACK)])


def _run(p: _Prepared, groups: int, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None, y: np.ndarray) -> None:
    """Pack the weights, then compute every image of ``x`` (N x channels x ...) into ``y`` (N x outputs x ...)."""
    parts = 1 if p.nanoseconds < LAUNCH else threads(p.nanoseconds)
    blocks, jobs = p.padded // (COLUMNS * lanes_of(x.itemsize)), p.jobs
    splits = pieces(jobs, parts, 8, blocks)  # each piece reads the image again
    packed = take("weights", x.dtype, groups * p.padded * p.plan.rows)
    weights = Weights(packed, groups, p.outputs, p.plan.rows, p.padded)
    pack(min(parts, groups * blocks), (weight, *p.source), weights)
    images = x, jobs, p.channels, p.pixels, p.plan.pixels, p.box, p.plan.pitch
    room = Room(take("images", x.dtype, parts * p.share), p.share, splits)
    target = Target(y, p.out_pixels, bias, bias is not None)
    _direct(min(parts, jobs * splits), Images(*images), weights, target, p.phases, room)


def forward(shape: Shape, x, weight, bias, y) -> None:
    """``y = weight * x + bias``: x N x C x sizes, weight O x C/groups x kernel."""
    _run(_forward(shape), shape.groups, x, weight, bias, y)


def backward_input(shape: Shape, dy, weight, bias, dx) -> None:
    """The gradient with respect to x, plus ``bias`` unless it is None."""
    _run(_backward(shape), shape.groups, dy, weight, bias, dx)


#: All shapes.
OUTPUT, GRAD_INPUT = Method(lambda shape: True, forward), Method(lambda shape: True, backward_input)
