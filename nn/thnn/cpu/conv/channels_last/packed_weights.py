"""Weights packed for :mod:`output`: blocks of outputs, a row of each for every channel and tap."""

from __future__ import annotations

from typing import NamedTuple

from ...gemm.microkernel import COLUMNS
from ...gemm.transpose import clear, to_channels_last
from ...runtime.jit import compact, inner
from ...runtime.parallel import parallel_region
from ...runtime.partition import bound
from ...runtime.records import Int, Pointer, Table
from ...simd import registers as simd
from ..blocks import block_width, copy_line


class Source(NamedTuple):
    """Weights as they lie: strides from a group, an output and an outer loop to the next; a row for each inner one."""

    data: Pointer
    group_stride: Int
    output_stride: Int
    outer: Int
    outer_stride: Int
    rows: Table
    inner: Int


class Weights(NamedTuple):
    """Packed weights, [group][block of outputs][row][width of the block]; ``padded`` outputs with what fills blocks."""

    data: Pointer
    groups: Int
    outputs: Int
    rows: Int
    padded: Int


@inner
@compact
def _pack_block(source, start, count, width, panel):
    """The rows of one block of ``count`` outputs, from the weights at ``start`` on."""
    for i in range(source.outer):
        plane, target = simd.at(source.data, start + i * source.outer_stride), simd.at(panel, i * width)
        if source.output_stride == 1:
            copy_line(plane, target, count)
        else:
            to_channels_last(plane, source.output_stride, count, source.inner, target, source.rows, width)


@parallel_region
@compact
def pack(source: Source, weights: Weights, part, parts):
    """The packed weights of some blocks; see Plan.tap_rows for the rows."""
    lanes, outputs = simd.lanes(source.data), weights.outputs
    wide = COLUMNS * lanes
    blocks = weights.padded // wide
    jobs = weights.groups * blocks
    for job in range(bound(jobs, part, parts, 1), bound(jobs, part + 1, parts, 1)):
        group, o = job // blocks, job % blocks * wide
        last = min(outputs, o + wide)
        while o < last:
            width, count = block_width(outputs - o, lanes), outputs - o
            panel = simd.at(weights.data, (group * weights.padded + o) * weights.rows)
            if width > count:
                clear(panel, weights.rows * width)
            start = group * source.group_stride + o * source.output_stride
            _pack_block(source, start, min(width, count), width, panel)
            o += width
