"""Geometry of a convolution as its kernels need it: tables of offsets, made once for each shape.

Everything is three-dimensional inside (depth, rows, columns); missing dimensions have size 1. A kernel reads an image
that lies as [pixel][channel] in a box with a border of zeros, and computes one or more *phases*. In each the outputs
are a regular grid and every output sums the same taps around its own place:

    forward          one phase: outputs one by one, ``stride`` apart in the input
    backward input   the input pixels whose number leaves the same remainder by the stride see the same taps: a phase
                     for each remainder, ``stride`` apart in gradInput and next to each other in gradOutput
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from ..runtime.records import Int

#: Tables go on for so many entries, since kernels work on full vectors and tiles.
SLACK = 16
#: Pixels that are multiples of so many elements apart are kept further apart.
CONTENDING = 512

Triple = tuple[int, int, int]


class Axis(NamedTuple):
    """One axis of one phase."""

    outputs: int
    first_output: int
    output_step: int
    first_input: int
    input_step: int
    taps: tuple[int, ...]
    spacing: int


class Plan(NamedTuple):
    """All phases, the box of the image, and the place of every weight in the packed weights."""

    #: A :class:`Phase` in each row.
    phases: np.ndarray
    tables: np.ndarray
    box: Triple
    #: Place of each pixel of the image in the box.
    pixels: np.ndarray
    #: Row of each tap in the packed weights, before channels are counted: row = tap_rows[tap] + channel.
    tap_rows: np.ndarray
    rows: int
    #: Elements of the image from a pixel to the next.
    pitch: int


class Phase(NamedTuple):
    """The words of a phase; those that name a table are indices in ``tables``."""

    #: Number of outputs.
    pixels: Int
    #: Offsets in the box of each output's first tap, and the index of each output.
    reads: Int
    targets: Int
    #: The taps as slabs x R x K: K contiguous numbers in R runs, ``r_stride`` apart, from each slab's offset.
    slabs: Int
    slab_count: Int
    R: Int
    r_stride: Int
    K: Int
    #: First row of its packed weights.
    first_row: Int


def output_size(size: int, k: int, stride: int, pad: int, dilation: int) -> int:
    return (size + 2 * pad - dilation * (k - 1) - 1) // stride + 1


def forward_axis(size: int, k: int, stride: int, pad: int, dilation: int) -> tuple[list[Axis], int, int]:
    """The one phase of an axis, the border before the image and the size of the box."""
    out = output_size(size, k, stride, pad, dilation)
    # One output reads no second place: a stride beyond the image must not spread the box.
    axis = Axis(out, 0, 1, 0, stride if out > 1 else 1, tuple(range(k)), dilation)
    return [axis], pad, max(size + pad, (out - 1) * stride + dilation * (k - 1) + 1)


def backward_axis(size: int, k: int, stride: int, pad: int, dilation: int) -> tuple[list[Axis], int, int]:
    """The phases of an axis of gradInput of ``size``, over gradOutput in its box."""
    out = output_size(size, k, stride, pad, dilation)
    found = []
    for phase in range(min(stride, size)):
        # Input phase + stride * t is read by output t + q through tap i where phase + pad - i * dilation = stride * q.
        reach = sorted(
            ((phase + pad - i * dilation) // stride, i) for i in range(k) if (phase + pad - i * dilation) % stride == 0
        )
        found.append((phase, (size - phase - 1) // stride + 1, reach))
    border = max([0] + [-reach[0][0] for _, _, reach in found if reach])
    box = max([out + border] + [n + reach[-1][0] + border for _, n, reach in found if reach])
    axes = []
    for phase, n, reach in found:
        spacing = reach[1][0] - reach[0][0] if len(reach) > 1 else 1
        start = reach[0][0] + border if reach else 0
        axes.append(Axis(n, phase, stride, start, 1, tuple(i for _, i in reach), spacing))
    return axes, border, box


def grid(starts: Triple, steps: Triple, counts: Triple, sizes: Triple) -> np.ndarray:
    """Flat indices in a box of ``sizes`` of a regular grid, in order, with slack that repeats the last."""
    d, h, w = (start + step * np.arange(n) for start, step, n in zip(starts, steps, counts))
    flat = ((d[:, None, None] * sizes[1] + h[:, None]) * sizes[2] + w).reshape(-1)
    return np.concatenate([flat, np.repeat(flat[-1:], SLACK)]).astype(np.int64)


def _pitch(channels: int) -> int:
    """Elements from a pixel to the next: not so many that the pixels of a tile share one set of the first cache."""
    return channels + SLACK if channels % CONTENDING == 0 else channels


def _phase(axes: tuple[Axis, ...], box: Triple, outputs: Triple, channels: int) -> tuple[list[np.ndarray], tuple]:
    """The tables of a phase - reads, places, slabs - and its R, r_stride and K."""
    counts = tuple(a.outputs for a in axes)
    pitch = _pitch(channels)
    strides = [n * pitch * a.spacing for n, a in zip((box[1] * box[2], box[2], 1), axes)]
    taps = [len(a.taps) for a in axes]
    run = channels
    if axes[2].spacing == 1 and all(taps) and pitch == channels:
        run, taps[2] = channels * taps[2], 1
    inner = next((n for n in (2, 1, 0) if taps[n] > 1), 0)
    outer = [range(1 if n == inner and all(taps) else taps[n]) for n in range(3)]
    slabs = [sum(i * s for i, s in zip(index, strides)) for index in product(*outer)]
    reads = grid(tuple(a.first_input for a in axes), tuple(a.input_step for a in axes), counts, box)
    places = grid(tuple(a.first_output for a in axes), tuple(a.output_step for a in axes), counts, outputs)
    return [reads * pitch, places, np.array(slabs, np.int64)], (taps[inner], strides[inner], run)


def _plan(axes: list, image: Triple, outputs: Triple, kernel: Triple, channels: int) -> Plan:
    borders, box = tuple(a[1] for a in axes), tuple(a[2] for a in axes)
    tap_rows = np.full(prod(kernel), -1, np.int64)
    phases, tables, filled, row = [], [], 0, 0
    for chosen in product(*(a[0] for a in axes)):
        own, loops = _phase(chosen, box, outputs, channels)
        starts = np.cumsum([filled] + [len(t) for t in own])
        phases.append((len(own[0]) - SLACK, *starts[:3], len(own[2]), *loops, row))
        tables += own
        filled = int(starts[3])
        for d, h, w in product(*(a.taps for a in chosen)):
            tap_rows[(d * kernel[1] + h) * kernel[2] + w] = row
            row += channels
    # Taps that meet no pixel, of an image smaller than the stride, are packed like all: each has rows of its own.
    unused = tap_rows < 0
    tap_rows[unused] = row + channels * np.arange(unused.sum())
    row += channels * int(unused.sum())
    pixels = grid(borders, (1, 1, 1), image, box)
    return Plan(np.array(phases, np.int64), np.concatenate(tables), box, pixels, tap_rows, row, _pitch(channels))


@lru_cache(maxsize=64)
def forward_plan(size: Triple, kernel: Triple, stride: Triple, pad: Triple, dilation: Triple, channels: int) -> Plan:
    """The plan of the output of a convolution, from an input of ``size`` with so many channels in a group."""
    axes = [forward_axis(*a) for a in zip(size, kernel, stride, pad, dilation)]
    outputs = tuple(output_size(*a) for a in zip(size, kernel, stride, pad, dilation))
    return _plan(axes, size, outputs, kernel, channels)


@lru_cache(maxsize=64)
def backward_plan(size: Triple, kernel: Triple, stride: Triple, pad: Triple, dilation: Triple, channels: int) -> Plan:
    """The plan of a gradInput of ``size``, from a gradOutput with so many channels in a group."""
    axes = [backward_axis(*a) for a in zip(size, kernel, stride, pad, dilation)]
    image = tuple(output_size(*a) for a in zip(size, kernel, stride, pad, dilation))
    return _plan(axes, image, size, kernel, channels)
