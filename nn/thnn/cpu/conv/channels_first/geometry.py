"""Geometry of a convolution whose kernels read images as [channel][pixel]; see :mod:`geometry` for its words."""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from ...runtime.partition import ceil_div
from ...runtime.records import Int
from ..geometry import Triple, backward_axis, forward_axis, output_size


class PlanChannelsFirst(NamedTuple):
    """Tables for a kernel that reads an image as [channel][place].

    A place in the box is ``step`` inputs apart from the next of its phase: the box is stored as
    [d % step][h % step][w % step][d // step][h // step][w // step], so that the outputs of a phase read side by side.
    """

    #: A :class:`Phase` in each row.
    phases: np.ndarray
    tables: np.ndarray
    #: A :class:`Box`.
    sizes: np.ndarray
    volume: int


class Phase(NamedTuple):
    """The words of a phase; those that name a table are indices in ``tables``."""

    #: How many places its outputs span.
    span: Int
    #: Its taps, their offsets (of channel 0) and their numbers in the weight.
    taps: Int
    offsets: Int
    numbers: Int
    #: Counts, first and step of the outputs.
    count_d: Int
    count_h: Int
    count_w: Int
    first_d: Int
    first_h: Int
    first_w: Int
    step_d: Int
    step_h: Int
    step_w: Int


class Box(NamedTuple):
    """The words of ``sizes``: of the image, of its border, the steps, and the box divided by the steps."""

    D: Int
    H: Int
    W: Int
    front: Int
    top: Int
    left: Int
    step_d: Int
    step_h: Int
    step_w: Int
    deep: Int
    down: Int
    across: Int


def _plan(axes: list, image: Triple, kernel: Triple) -> PlanChannelsFirst:
    steps = tuple(a[0][0].input_step for a in axes)
    quotients = tuple(ceil_div(a[2], s) for a, s in zip(axes, steps))
    volume = prod(quotients)
    phases, tables, filled = [], [], 0
    for chosen in product(*(a[0] for a in axes)):
        offsets, numbers = [], []
        for index in product(*(range(len(a.taps)) for a in chosen)):
            places = [a.first_input + i * a.spacing for a, i in zip(chosen, index)]
            phase, place = zip(*((p % s, p // s) for p, s in zip(places, steps)))
            offset = (phase[0] * steps[1] + phase[1]) * steps[2] + phase[2]
            offsets.append(offset * volume + (place[0] * quotients[1] + place[1]) * quotients[2] + place[2])
            d, h, w = (a.taps[i] for a, i in zip(chosen, index))
            numbers.append((d * kernel[1] + h) * kernel[2] + w)
        counts = [a.outputs for a in chosen]
        span = ((counts[0] - 1) * quotients[1] + counts[1] - 1) * quotients[2] + counts[2]
        outputs = [getattr(a, name) for name in ("outputs", "first_output", "output_step") for a in chosen]
        phases.append((span, len(offsets), filled, filled + len(offsets), *outputs))
        tables += offsets + numbers
        filled += 2 * len(offsets)
    sizes = np.array([*image, *(a[1] for a in axes), *steps, *quotients], np.int64)
    return PlanChannelsFirst(np.array(phases, np.int64), np.array([*tables, 0], np.int64), sizes, volume * prod(steps))


@lru_cache(maxsize=64)
def plan_channels_first(
    backward: bool, size: Triple, kernel: Triple, stride: Triple, pad: Triple, dilation: Triple
) -> PlanChannelsFirst:
    """The plan of an output from an input of ``size``, or backward of a gradInput of ``size``."""
    geometry = list(zip(size, kernel, stride, pad, dilation))
    axes = [(backward_axis if backward else forward_axis)(*a) for a in geometry]
    return _plan(axes, tuple(output_size(*a) for a in geometry) if backward else size, kernel)
