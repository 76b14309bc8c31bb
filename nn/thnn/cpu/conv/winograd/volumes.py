"""Convolution of volumes by Winograd's algorithm: planes whose channels are those of several depths, side by side.

An output plane sees k_d planes of every channel. With these as channels, [tap][channel], volumes are images for
:mod:`output` and :mod:`gradient_weight`, which are copied to scratch, and so are the weights, [output][tap][channel].
A gradient sees the planes of gradOutput with the taps in reverse order.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ...runtime.jit import kernel
from ...runtime.parallel import parallel_region
from ...runtime.partition import bound, threads
from ...runtime.records import Int, Pointer
from ...runtime.workspace import take
from ...simd import registers as simd
from ..blocks import copy_line
from ..geometry import output_size
from ..method import GEOMETRY, Method, Shape
from . import gradient_weight, output
from .shapes import takes, takes_output, tiles_of

#: Bytes of copied planes, for which samples are taken together.
BLOCK_BYTES = 16 << 20
#: Tiles that are worth the copies.
FEWEST = 48


class Volumes(NamedTuple):
    """Samples [channel][depth][pixel]; of each are ``shown`` planes, that see ``taps`` depths from ``first`` on."""

    data: Pointer
    count: Int
    channels: Int
    depth: Int
    pixels: Int
    shown: Int
    taps: Int
    first: Int


@parallel_region
def _to_planes(x: Volumes, planes: Pointer, part, parts):
    """planes[sample and plane][tap][channel] = the channel at this depth, zeros where there is none"""
    images = x.count * x.shown
    for m in range(bound(images, part, parts, 1), bound(images, part + 1, parts, 1)):
        sample = simd.at(x.data, m // x.shown * x.channels * x.depth * x.pixels)
        for n in range(x.taps * x.channels):
            depth, target = m % x.shown + n // x.channels + x.first, simd.at(planes, x.pixels * n)
            target = simd.at(target, x.pixels * m * x.taps * x.channels)
            inside = 0 <= depth < x.depth
            place = (n % x.channels * x.depth + (depth if inside else 0)) * x.pixels
            for i in range(0, x.pixels, simd.lanes(planes)):
                left = x.pixels - i
                simd.store_first(target, i, simd.load_first(sample, place + i, left if inside else 0), left)


@parallel_region
def _from_planes(planes: Pointer, y: Volumes, part, parts):
    """y[sample][channel][depth] = planes[sample and depth][channel]"""
    images = y.count * y.depth
    for m in range(bound(images, part, parts, 1), bound(images, part + 1, parts, 1)):
        n, depth = m // y.depth, m % y.depth
        for c in range(y.channels):
            source = simd.at(planes, (m * y.channels + c) * y.pixels)
            copy_line(source, simd.at(y.data, ((n * y.channels + c) * y.depth + depth) * y.pixels), y.pixels)


@kernel
def _by_taps(weight, planes):
    """planes[output][tap][channel] = weight[output][channel][tap]"""
    for o in range(planes.shape[0]):
        for t in range(planes.shape[1]):
            for c in range(planes.shape[2]):
                planes[o, t, c] = weight[o, c, t]


@kernel
def _by_taps_back(weight, planes):
    """planes[tap][output][channel] = weight[output][channel][last tap - tap]"""
    for t in range(planes.shape[0]):
        for o in range(planes.shape[1]):
            for c in range(planes.shape[2]):
                planes[t, o, c] = weight[o, c, planes.shape[0] - 1 - t]


@kernel
def _add_by_taps(sums, dweight):
    """dweight[output][channel][tap] += sums[output][tap][channel]"""
    for o in range(sums.shape[0]):
        for t in range(sums.shape[1]):
            for c in range(sums.shape[2]):
                dweight[o, c, t] += sums[o, t, c]


@kernel
def _zero(x):
    for i in range(x.size):
        x[i] = 0


@lru_cache(maxsize=64)
def _planes(shape: Shape, back: bool = False) -> Shape:
    """The convolution of planes; ``back``: for the gradient of the input, from gradOutput's planes to its own."""
    (taps, *kernel), (_, *size), (_, *pad) = shape.kernel, shape.size, shape.pad
    shown = shape.size[0] if back else output_size(*(x[0] for x in shape[:GEOMETRY]))
    channels, outputs = (shape.channels, taps * shape.outputs) if back else (taps * shape.channels, shape.outputs)
    return shape._replace(
        size=(1, *size), kernel=(1, *kernel), pad=(0, *pad), images=shape.images * shown, channels=channels,
        outputs=outputs,
    )  # fmt: skip


def _takes(shape: Shape, rule) -> bool:
    """More than a plane or a tap in depth, each next to the other, of planes that Winograd's algorithm takes."""
    deep = shape.kernel[0] > 1 or shape.size[0] > 1
    ones = shape.stride == shape.dilation == (1, 1, 1)
    if not deep or not ones or shape.pad[0] >= shape.kernel[0] or shape.kernel[2] not in (3, 5):
        return False
    flat = _planes(shape)
    enough = tiles_of(flat, 7 - shape.kernel[2])[0] >= FEWEST
    return enough and rule(flat) and rule(_planes(shape, True))


def _blocks(samples: int, elements: int, item: int) -> list[slice]:
    """Samples that are taken together, of so many elements each in planes."""
    step = max(1, BLOCK_BYTES // (elements * item))
    return [slice(n, min(n + step, samples)) for n in range(0, samples, step)]


def _copied(x: np.ndarray, shown: int, taps: int, first: int, label: str) -> np.ndarray:
    """The planes of some samples: images x (taps channels) x height x width."""
    count, channels, depth, *sizes = x.shape
    planes = take(label, x.dtype, count * shown * taps * x[0, :, 0].size)
    volumes = Volumes(x, count, channels, depth, x[0, 0, 0].size, shown, taps, first)
    _to_planes(min(threads(0.1 * planes.size), count * shown), volumes, planes)
    return planes.reshape(count * shown, taps * channels, *sizes)


def _put(planes: np.ndarray, y: np.ndarray) -> None:
    count, channels, depth = y.shape[:3]
    volumes = Volumes(y, count, channels, depth, y[0, 0, 0].size, depth, 1, 0)
    _from_planes(min(threads(0.1 * y.size), count * depth), planes, volumes)


def _weights(weight: np.ndarray, turn, back: bool) -> np.ndarray:
    """The weights of the planes."""
    outputs, channels, taps, *sizes = weight.shape
    form = (taps, outputs, channels) if back else (outputs, taps, channels)
    planes = take("volume weights", weight.dtype, weight.size)
    turn(weight.reshape(outputs, channels, taps, -1), planes.reshape(*form, -1))
    return planes.reshape(form[0] * form[1] if back else outputs, channels if back else taps * channels, *sizes)


def _convolve(shape: Shape, back: bool, x, weight, bias, y) -> None:
    taps, pad = shape.kernel[0], shape.pad[0]
    flat, first = _planes(shape, back), pad - taps + 1 if back else -pad
    weight = _weights(weight, _by_taps_back if back else _by_taps, back)
    for block in _blocks(len(x), y.shape[2] * taps * x[0, :, 0].size, x.itemsize):
        planes, target = _copied(x[block], y.shape[2], taps, first, "volume"), y[block]
        result = take("volume result", y.dtype, target.size).reshape(len(planes), y.shape[1], *y.shape[3:])
        part = flat._replace(images=len(planes))
        (output.backward_input if back else output.forward)(part, planes, weight, bias, result)
        _put(result, target)


def forward(shape: Shape, x, weight, bias, y) -> None:
    """``y = weight * x + bias``; N x C x D x H x W arrays, weight O x C x k_d x k x k."""
    _convolve(shape, False, x, weight, bias, y)


def backward_input(shape: Shape, dy, weight, bias, dx) -> None:
    """The gradient with respect to x, plus ``bias`` unless it is None."""
    _convolve(shape, True, dy, weight, bias, dx)


def backward_weight(shape: Shape, x, dy, dweight, dbias, scale: float) -> None:
    """Add ``scale`` times the gradients to ``dweight`` and, unless None, ``dbias``."""
    outputs, channels, taps, *sizes = dweight.shape
    sums = take("volume weights", dweight.dtype, dweight.size)
    _zero(sums)
    grouped = sums.reshape(outputs, taps * channels, *sizes)
    for block in _blocks(len(x), dy.shape[2] * taps * x[0, :, 0].size, x.itemsize):
        planes = _copied(x[block], dy.shape[2], taps, -shape.pad[0], "volume")
        gradients = _copied(dy[block], dy.shape[2], 1, 0, "volume result")
        part = _planes(shape)._replace(images=len(planes))
        gradient_weight.backward_weight(part, planes, gradients, grouped, dbias, scale)
    _add_by_taps(sums.reshape(outputs, taps, channels, -1), dweight.reshape(outputs, channels, taps, -1))


OUTPUT = Method(lambda shape: _takes(shape, takes_output), forward)
GRAD_INPUT = Method(lambda shape: _takes(shape, takes_output), backward_input)
GRAD_WEIGHT = Method(lambda shape: _takes(shape, takes), backward_weight)
