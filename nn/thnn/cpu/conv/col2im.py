"""The gradient of the input of a convolution with few channels and a kernel that is large for its images.

gradOutput is copied to scratch as [pixel][output]. A product of :mod:`microkernel` gives what each of its pixels adds
to the input: for every row of the kernel a run [column][channel], which is added at its place in an image
[pixel][channel].
Unlike :mod:`channels_first` nothing is computed for taps beyond the border of gradOutput.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from typing import NamedTuple

import numpy as np

from ..gemm.microkernel import COLUMNS, ROWS, by_rows, null
from ..gemm.transpose import clear, to_pixels, to_planes
from ..runtime.isa import lanes_of
from ..runtime.jit import inner
from ..runtime.parallel import team, unpack
from ..runtime.partition import bound, threads
from ..runtime.workspace import scratch
from ..simd import registers as simd
from .geometry import SLACK, Triple, forward_plan
from .geometry_channels_first import few_plan

#: Pixels of gradOutput at a time.
BLOCK = 48

_tile = by_rows(ROWS, COLUMNS)


@inner
def _pack(w, outputs, weights, columns, order, packed):
    """packed[output][column], 0 for columns that only fill a vector."""
    for o in range(outputs):
        for j in range(columns):
            e = simd.get(order, j)
            simd.put(packed, o * columns + j, simd.get(w, o * weights + e) if e >= 0 else 0.0)


@inner
def _add_runs(tile, columns, count, starts, run, lines, n_lines, channels, canvas):
    """canvas[start of the pixel + line] += the pixel's run for that line"""
    lanes = simd.lanes(tile)
    for p in range(count):
        source, target = simd.at(tile, p * columns), simd.at(canvas, simd.get(starts, p) * channels)
        for n in range(n_lines):
            place = simd.at(target, simd.get(lines, n))
            for i in range(0, run, lanes):
                simd.store(place, i, simd.load(place, i) + simd.load(source, n * run + i))


@team
def _scatter(frame, like, part, parts):
    """The gradient of the images of one part."""
    args = unpack(frame, like, "piiitpiitiititpiitipi")
    dy, images, outputs, out_pixels, rows, w, weights, columns, order, run, n_lines, lines, box = args[:13]
    starts, dx, channels, pixels, places, width, work, share = args[13:]
    gradient = simd.at(work, part * share)
    packed = simd.at(gradient, (out_pixels + SLACK) * outputs)
    tile = simd.at(packed, outputs * columns)
    canvas = simd.at(tile, (BLOCK + SLACK) * columns)
    wide = COLUMNS * simd.lanes(dy)
    _pack(w, outputs, weights, columns, order, packed)
    for n in range(bound(images, part, parts, 1), bound(images, part + 1, parts, 1)):
        to_pixels(simd.at(dy, n * outputs * out_pixels), out_pixels, outputs, out_pixels, gradient, rows, outputs)
        clear(canvas, box * channels)
        for p in range(0, out_pixels, BLOCK):
            count = min(BLOCK, out_pixels - p)
            for j in range(0, columns, wide):
                b = simd.at(packed, j)
                for q in range(0, count, ROWS):
                    a, c = simd.at(gradient, (p + q) * outputs), simd.at(tile, q * columns + j)
                    _tile(a, simd.at(rows, out_pixels + SLACK), 0, b, 0, columns, c, columns, null(c), 0, 1, outputs)
            _add_runs(tile, columns, count, simd.at(starts, p), run, lines, n_lines, channels, canvas)
        for row in range(0, pixels, width):
            source = simd.at(canvas, simd.get(places, row) * channels)
            to_planes(source, channels, channels, width, simd.at(dx, n * channels * pixels + row), pixels)


class _Tables(NamedTuple):
    #: Numbers of the pixels of gradOutput with slack, then the offsets of the rows of a tile.
    rows: np.ndarray
    #: Element of an output's weights for each column of the product, or -1, and where each line of taps is added.
    order: np.ndarray
    lines: np.ndarray
    #: Columns a line.
    run: int
    #: Pixels of the box, that at the first tap of each output, and that of each pixel of the image.
    box: int
    starts: np.ndarray
    places: np.ndarray


@lru_cache(maxsize=64)
def _tables(size: Triple, kernel: Triple, stride: Triple, pad: Triple, dilation: Triple, channels: int, outputs: int,
            lanes: int) -> _Tables:  # fmt: skip
    plan = forward_plan(size, kernel, stride, pad, dilation, 1)
    pixels, start = (int(n) for n in plan.phases[0, :2])
    numbers = np.minimum(np.arange(pixels + SLACK), pixels - 1)
    rows = np.concatenate([numbers, np.arange(ROWS) * outputs])
    run = -(-kernel[2] * channels // lanes) * lanes
    order, lines = [], []
    for d, h in product(range(kernel[0]), range(kernel[1])):
        lines.append((d * dilation[0] * plan.box[1] + h * dilation[1]) * plan.box[2] * channels)
        taps = [(c * kernel[0] + d) * kernel[1] * kernel[2] + h * kernel[2] + w
                for w in range(kernel[2]) for c in range(channels)]  # fmt: skip
        order += taps + [-1] * (run - len(taps))
    order += [-1] * (-len(order) % (COLUMNS * lanes))
    starts = plan.tables[start : start + pixels].astype(np.int64)
    box = plan.box[0] * plan.box[1] * plan.box[2]
    return _Tables(rows.astype(np.int64), np.array(order), np.array(lines), run, box, starts, plan.pixels)


@lru_cache(maxsize=256)
def fits(
    size: Triple, kernel: Triple, stride: Triple, pad: Triple, dilation: Triple, channels: int, outputs: int, item: int
) -> bool:
    """Whether this needs clearly fewer multiplications than :mod:`channels_first` for a gradInput of ``size``."""
    places = few_plan(True, size, kernel, stride, pad, dilation).phases
    pixels = forward_plan(size, kernel, stride, pad, dilation, 1).phases[0, 0]
    lanes = lanes_of(item)
    columns = kernel[0] * kernel[1] * -(-kernel[2] * channels // lanes) * lanes
    few = channels * int((places[:, 0] * places[:, 1]).sum())
    return dilation[2] == 1 and outputs >= 8 and 1.5 * pixels * columns < few


def backward_input(dy, weight, dx, stride: Triple, pad: Triple, dilation: Triple) -> None:
    """The gradient with respect to x."""
    outputs, channels = weight.shape[:2]
    tables = _tables(dx.shape[2:], weight.shape[2:], stride, pad, dilation, channels, outputs, lanes_of(dy.itemsize))
    pixels, out_pixels, columns = dx[0, 0].size, dy[0, 0].size, len(tables.order)
    share = (out_pixels + SLACK) * outputs + (outputs + BLOCK + SLACK) * columns
    share = -(-(share + (tables.box + SLACK) * channels + tables.run) // 64) * 64
    parts = min(threads(len(dx) * outputs * out_pixels * columns / 30), len(dx))
    _scatter(
        dy, parts, dy, len(dx), outputs, out_pixels, tables.rows, weight, weight[0].size, columns, tables.order,
        tables.run, len(tables.lines), tables.lines, tables.box, tables.starts, dx, channels, pixels, tables.places,
        dx.shape[4], scratch(dy.dtype, parts * share, "images"), share,
    )  # fmt: skip
