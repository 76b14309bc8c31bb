"""The gradient of the input of a convolution with few channels and a kernel that is large for its images.

gradOutput is copied to scratch as [pixel][output]. A product of :mod:`microkernel` gives what each of its pixels adds
to the input: for every row of the kernel a run [column][channel], which is added at its place in an image
[pixel][channel], as col2im does. Unlike :mod:`channels_first` nothing is computed for taps beyond the border of
gradOutput.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import prod
from typing import NamedTuple

import numpy as np

from ..gemm.microkernel import COLUMNS, ROWS, by_rows, null
from ..gemm.transpose import clear, to_channels_first, to_channels_last
from ..runtime.blocking import CONVOLUTION_RATE
from ..runtime.isa import lanes_of
from ..runtime.jit import compact, inlined, inner
from ..runtime.parallel import parallel_region
from ..runtime.partition import aligned, bound, threads
from ..runtime.records import Int, Pointer, Table
from ..runtime.workspace import take
from ..simd import registers as simd
from .channels_first.geometry import plan_channels_first
from .geometry import SLACK, Triple, forward_plan
from .method import GEOMETRY, Method, Shape

#: Pixels of gradOutput at a time.
BLOCK_PIXELS = 48

_tile = by_rows(ROWS, COLUMNS)


class Gradients(NamedTuple):
    """gradOutput, [image][output][pixel]; numbers of its pixels, and the offsets of the rows of a tile."""

    data: Pointer
    images: Int
    outputs: Int
    pixels: Int
    numbers: Table
    rows: Table


class Weights(NamedTuple):
    """Weights, ``size`` of each output, and the weight of each column of the product, or -1."""

    data: Pointer
    size: Int
    columns: Int
    order: Table


class Runs(NamedTuple):
    """A run of ``size`` elements for each row of the kernel: where it is added, from the first tap of a pixel on."""

    size: Int
    count: Int
    lines: Table
    starts: Table


class Target(NamedTuple):
    """gradInput, [image][channel][pixel] in rows of ``width``, and the places of its pixels in a box."""

    data: Pointer
    channels: Int
    pixels: Int
    width: Int
    box: Int
    box_pixels: Table


@inner
def _pack(weights, outputs, packed):
    """packed[output][column], 0 for columns that only fill a vector."""
    for o in range(outputs):
        for j in range(weights.columns):
            e = simd.get(weights.order, j)
            value = simd.get(weights.data, o * weights.size + e) if e >= 0 else 0.0
            simd.put(packed, o * weights.columns + j, value)


@inner
@compact
def _add_runs(tile, columns, pixels, runs, channels, canvas):
    """canvas[start of the pixel + line] += the pixel's run for that line"""
    first, count = pixels
    for p in range(count):
        source = simd.at(tile, p * columns)
        target = simd.at(canvas, simd.get(runs.starts, first + p) * channels)
        for n in range(runs.count):
            _add_run(simd.at(source, n * runs.size), simd.at(target, simd.get(runs.lines, n)), runs.size)


@inlined
def _add_run(source, target, count):
    """Whole vectors of at least ``count`` elements: one or two of them, mostly, and more in a loop."""
    lanes = simd.lanes(target)
    simd.store(target, 0, simd.load(target, 0) + simd.load(source, 0))
    if count > lanes:
        simd.store(target, lanes, simd.load(target, lanes) + simd.load(source, lanes))
    for i in range(2 * lanes, count, lanes):
        simd.store(target, i, simd.load(target, i) + simd.load(source, i))


@inner
def _product(gradient, first, count, rows, packed, columns, outputs, tile):
    """tile[p][column] = sum over outputs of gradient[first + p][output] packed[output][column]"""
    for j in range(0, columns, COLUMNS * simd.lanes(tile)):
        b = simd.at(packed, j)
        for q in range(0, count, ROWS):
            a, c = simd.at(gradient, (first + q) * outputs), simd.at(tile, q * columns + j)
            _tile(a, rows, 0, b, 0, columns, c, columns, null(c), 0, 1, outputs)


@parallel_region
@compact
def _scatter(gradients: Gradients, weights: Weights, runs: Runs, x: Target, work: Pointer, share: Int, part, parts):
    """The gradient of the images of one part."""
    outputs, columns, channels, pixels = gradients.outputs, weights.columns, x.channels, gradients.pixels
    gradient = simd.at(work, part * share)
    packed = simd.at(gradient, (pixels + SLACK) * outputs)
    tile = simd.at(packed, outputs * columns)
    canvas = simd.at(tile, (BLOCK_PIXELS + SLACK) * columns)
    _pack(weights, outputs, packed)
    for n in range(bound(gradients.images, part, parts, 1), bound(gradients.images, part + 1, parts, 1)):
        source = simd.at(gradients.data, n * outputs * pixels)
        to_channels_last(source, pixels, outputs, pixels, gradient, gradients.numbers, outputs)
        clear(canvas, x.box * channels)
        for p in range(0, pixels, BLOCK_PIXELS):
            count = min(BLOCK_PIXELS, pixels - p)
            _product(gradient, p, count, gradients.rows, packed, columns, outputs, tile)
            _add_runs(tile, columns, (p, count), runs, channels, canvas)
        for row in range(0, x.pixels, x.width):
            source = simd.at(canvas, simd.get(x.box_pixels, row) * channels)
            target = simd.at(x.data, n * channels * x.pixels + row)
            to_channels_first(source, channels, channels, x.width, target, x.pixels)


class _Prepared(NamedTuple):
    #: Numbers of the pixels of gradOutput with slack, and the offsets of the rows of a tile.
    numbers: np.ndarray
    rows: np.ndarray
    #: Element of an output's weights for each column of the product, or -1.
    order: np.ndarray
    runs: Runs
    #: Pixels of the box, and that of each pixel of the image.
    box: int
    box_pixels: np.ndarray


@lru_cache(maxsize=64)
def _prepared(geometry: tuple[Triple, ...], channels: int, outputs: int, lanes: int) -> _Prepared:
    plan = forward_plan(*geometry, 1)
    _, kernel, _, _, dilation = geometry
    pixels, start = (int(n) for n in plan.phases[0, :2])
    numbers = np.minimum(np.arange(pixels + SLACK), pixels - 1)
    run = aligned(kernel[2] * channels, lanes)
    order, lines = [], []
    for d, h in product(range(kernel[0]), range(kernel[1])):
        lines.append((d * dilation[0] * plan.box[1] + h * dilation[1]) * plan.box[2] * channels)
        taps = [(c * kernel[0] + d) * kernel[1] * kernel[2] + h * kernel[2] + w
                for w in range(kernel[2]) for c in range(channels)]  # fmt: skip
        order += taps + [-1] * (run - len(taps))
    order += [-1] * (-len(order) % (COLUMNS * lanes))
    starts = plan.tables[start : start + pixels].astype(np.int64)
    runs = Runs(run, len(lines), np.array(lines), starts)
    rows = (np.arange(ROWS) * outputs).astype(np.int64)
    return _Prepared(numbers.astype(np.int64), rows, np.array(order), runs, prod(plan.box), plan.pixels)


def backward_input(shape: Shape, dy, weight, bias, dx) -> None:
    """The gradient with respect to x; there is no bias."""
    outputs, channels = shape.outputs, shape.channels
    tables = _prepared(shape[:GEOMETRY], channels, outputs, lanes_of(dy.itemsize))
    pixels, out_pixels, columns = prod(shape.size), prod(dy.shape[2:]), len(tables.order)
    share = (out_pixels + SLACK) * outputs + (outputs + BLOCK_PIXELS + SLACK) * columns
    share = aligned(share + (tables.box + SLACK) * channels + tables.runs.size)
    parts = min(threads(len(dx) * outputs * out_pixels * columns / CONVOLUTION_RATE), len(dx))
    _scatter(
        parts,
        Gradients(dy, len(dx), outputs, out_pixels, tables.numbers, tables.rows),
        Weights(weight, weight.size // outputs, columns, tables.order),
        tables.runs,
        Target(dx, channels, pixels, shape.size[2], tables.box, tables.box_pixels),
        take("images", dy.dtype, parts * share),
        share,
    )


@lru_cache(maxsize=256)
def _is_cheaper(geometry: tuple[Triple, ...], channels: int, lanes: int) -> bool:
    """Whether this needs clearly fewer multiplications than :mod:`channels_first`, which this must pay for its adds."""
    phases = plan_channels_first(True, *geometry).phases
    pixels = forward_plan(*geometry, 1).phases[0, 0]
    kernel = geometry[1]
    columns = kernel[0] * kernel[1] * aligned(kernel[2] * channels, lanes)
    return 1.5 * pixels * columns < channels * int((phases[:, 0] * phases[:, 1]).sum())


def _takes(shape: Shape) -> bool:
    """Runs of taps side by side, enough outputs for a sum, and few channels where vectors of them would be idle."""
    lanes = lanes_of(shape.dtype.itemsize)
    return (
        not shape.biased
        and shape.groups == 1
        and shape.channels <= lanes * 3 // 4
        and shape.dilation[2] == 1
        and shape.outputs >= 8
        and _is_cheaper(shape[:GEOMETRY], shape.channels, lanes)
    )


GRAD_INPUT = Method(_takes, backward_input)
