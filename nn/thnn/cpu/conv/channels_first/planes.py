"""Planes of an image, copied to their places in a box with a border and back."""

from __future__ import annotations

from typing import NamedTuple

from ...runtime.jit import inner
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
