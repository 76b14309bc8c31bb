"""Planes of an image, copied to their places in a box with a border and back."""

from __future__ import annotations

from typing import NamedTuple

from ...runtime.jit import compact, inner
from ...runtime.records import Int, Pointer, Table, reader
from ...simd import registers as simd
from .geometry import Box, Phase


class Images(NamedTuple):
    """Images, [image][channel][pixel]; ``volume`` places of a box for each channel, whose sizes are ``box``."""

    data: Pointer
    count: Int
    groups: Int
    channels: Int
    pixels: Int
    box: Table
    volume: Int


class Target(NamedTuple):
    """Planes of the output, or of gradInput."""

    data: Pointer
    outputs: Int
    pixels: Int
    height: Int
    width: Int


phase_at, box_at = reader(Phase), reader(Box)


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
@compact
def copy_rows(source, source_pitch, target, target_pitch, rows, count, addend):
    """target[row][i] = source[row][i] + addend, the pitches from a row to the next."""
    for row in range(rows):
        copy_row(simd.at(source, row * source_pitch), simd.at(target, row * target_pitch), count, addend)


# Every row costs a call with all it is given, so that rows get numbers, and records go no further than planes.


@inner
@compact
def copy_in(x, box, image):
    """One channel to its places in the box."""
    volume = box.deep * box.down * box.across
    for d in range(box.D):
        phase, plane = (d + box.front) % box.step_d * box.step_h, (d + box.front) // box.step_d * box.down
        source = simd.at(x, d * box.H * box.W)
        if box.step_h == 1 and box.step_w == 1:
            target = simd.at(image, phase * volume + (plane + box.top) * box.across + box.left)
            copy_rows(source, box.W, target, box.across, box.H, box.W, 0.0)
        else:
            target = simd.at(image, phase * box.step_w * volume + plane * box.across)
            _scatter_plane(source, box, volume, target)


@inner
@compact
def _scatter_plane(source, box, volume, target):
    """One plane to the phases of its rows and columns, each ``volume`` places."""
    for h in range(box.H):
        h1 = h + box.top
        line = simd.at(target, h1 % box.step_h * box.step_w * volume + h1 // box.step_h * box.across)
        for i in range(box.W):
            w = i + box.left
            simd.put(line, w % box.step_w * volume + w // box.step_w, simd.get(source, h * box.W + i))


@inner
@compact
def copy_out(buffer, phase, box, target, plane, bias):
    """The outputs of one channel of a phase to their places in its plane, bias added."""
    pitch = phase.step_h * target.width
    for d in range(phase.count_d):
        source = simd.at(buffer, d * box.down * box.across)
        row = (d * phase.step_d + phase.first_d) * target.height + phase.first_h
        first = simd.at(plane, row * target.width + phase.first_w)
        if phase.step_w == 1:
            copy_rows(source, box.across, first, pitch, phase.count_h, phase.count_w, bias)
        else:
            _put_apart(source, box.across, first, pitch, phase, bias)


@inner
@compact
def _put_apart(source, source_pitch, target, target_pitch, phase, bias):
    """target[row][i * step] = source[row][i] + bias"""
    for row in range(phase.count_h):
        for i in range(phase.count_w):
            value = simd.get(source, row * source_pitch + i) + bias
            simd.put(target, row * target_pitch + i * phase.step_w, value)
