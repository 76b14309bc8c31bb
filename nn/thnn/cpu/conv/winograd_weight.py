"""The gradient of 3 x 3 and 5 x 5 weights by Winograd's algorithm, and of the bias.

A tile of 6 x 6 inputs and the 4 x 4 (2 x 2) gradients of its outputs, both in the domain of :mod:`winograd_transforms`,

    dU[point][output][channel] += sum over tiles of Y[point][tile][output] * V[point][tile][channel]

and dU is transformed to 3 x 3 (5 x 5) once at the end. Blocks of tiles follow one another; threads share each.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..gemm.microkernel import COLUMNS, ROWS, by_columns, null
from ..gemm.transpose import clear, edge_transposer, to_pixels
from ..runtime.isa import VECTOR_BYTES, lanes_of
from ..runtime.jit import inner
from ..runtime.parallel import team, unpack
from ..runtime.partition import bound, threads
from ..runtime.workspace import scratch
from ..simd import registers as simd
from .blocks import NARROW, block_width
from .channels_last_weight import add_pixels
from .geometry import SLACK, grid
from .winograd import to_values
from .winograd_transforms import POINTS, output_map, taps_map, transform

#: Bytes of V and Y.
BLOCK = 16 << 20

#: Rows of a tall tile, for runs that it divides better.
TALL = 12 if VECTOR_BYTES == 64 else ROWS
SHORT = NARROW // 2

_wide, _tall = by_columns(ROWS, COLUMNS), by_columns(TALL, COLUMNS)
_narrow, _short = by_columns(NARROW, 1), by_columns(SHORT, 1)

_gradients4, _gradients2 = transform(taps_map, 4, POINTS), transform(taps_map, 2, POINTS)
_weights3 = transform(lambda v: output_map(v, 3), POINTS, 3)
_weights5 = transform(lambda v: output_map(v, 5), POINTS, 5)
_transpose_edge = edge_transposer()


@inner
def _tile_rows(run, wide):
    """Rows of the tile that leaves the fewest of ``run`` rows over, the larger one where equal."""
    small, large = (ROWS, TALL) if wide else (SHORT, NARROW)
    return large if (run + large - 1) // large * large <= (run + small - 1) // small * small else small


@inner
def _product(rows, wide, a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, R, K):
    """One tile of the chosen rows, added to what s points to."""
    if wide:
        if rows == TALL:
            _tall(a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, c_stride, R, K)
        else:
            _wide(a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, c_stride, R, K)
    elif rows == NARROW:
        _narrow(a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, c_stride, R, K)
    else:
        _short(a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, c_stride, R, K)


@inner
def _gradient_values(image, pitch, outputs, step, row, across, y, tile, tiles):
    """Y of the tiles of one row of tiles."""
    lanes = simd.lanes(image)
    line, plane = pitch * outputs, tiles * outputs
    for column in range(across):
        source = simd.at(image, row * step * line + column * step * outputs)
        for o in range(0, outputs, lanes):
            target = simd.at(y, (tile + column) * outputs + o)
            if step == 4:
                _gradients4(simd.at(source, o), line, outputs, target, 6 * plane, plane, target)
            else:
                _gradients2(simd.at(source, o), line, outputs, target, 6 * plane, plane, target)


@team
def _transform(frame, like, part, parts):
    """V, Y and the sums of dy of the images of a block."""
    args = unpack(frame, like, "piiitiipiiitiiiiiiippppi")
    x, first, images, channels, places, pixels, box, dy, outputs, out_pixels, out_box, out_places, pitch, box_width = (
        args[:14]
    )
    step, top, rows, across, tiles, v, y, sums, work, share = args[14:]
    image = simd.at(work, part * share)
    gradient = simd.at(image, box * channels + SLACK)
    clear(image, box * channels)
    clear(gradient, out_box * outputs)
    for i in range(bound(images, part, parts, 1), bound(images, part + 1, parts, 1)):
        n = first + i
        to_pixels(simd.at(x, n * channels * pixels), pixels, channels, pixels, image, places, channels)
        to_pixels(simd.at(dy, n * outputs * out_pixels), out_pixels, outputs, out_pixels, gradient, out_places, outputs)
        if top == 0:
            clear(simd.at(sums, n * outputs), outputs)
            add_pixels(gradient, outputs, out_box, outputs, simd.at(sums, n * outputs))
        for row in range(rows):
            tile = (i * rows + row) * across
            to_values(image, box_width, channels, step, top + row, across, v, tile, tiles)
            _gradient_values(gradient, pitch, outputs, step, top + row, across, y, tile, tiles)


@team
def _products(frame, like, part, parts):
    """dU of some points: set (add 0) or added to."""
    y, v, du, tiles, used, outputs, channels, add = unpack(frame, like, "pppiiiii")
    lanes = simd.lanes(v)
    nothing = null(v)
    for point in range(bound(36, part, parts, 1), bound(36, part + 1, parts, 1)):
        c = 0
        while c < channels:
            width = block_width(channels - c, lanes)
            b = simd.at(v, point * tiles * channels + c)
            rows = _tile_rows(outputs, width > lanes)
            for o in range(0, outputs, rows):
                a = simd.at(y, point * tiles * outputs + o)
                target = simd.at(du, (point * (outputs + SLACK) + o) * channels + c)
                source = target if add else nothing
                _product(rows, width > lanes, a, 0, outputs, b, 0, channels, target, channels, source, 1, used)
            c += width


@team
def _finish(frame, like, part, parts):
    """dweight += scale * (dU transformed), dbias += scale * sums."""
    du, outputs, channels, k, dweight, sums, images, dbias, has_bias, scale, work = unpack(frame, like, "piiippipifp")
    lanes = simd.lanes(du)
    k2 = k * k
    tmp = simd.at(work, part * (k2 + 2 * lanes) * lanes)
    turned = simd.at(tmp, (k2 + lanes) * lanes)
    plane = (outputs + SLACK) * channels
    for o in range(bound(outputs, part, parts, 1), bound(outputs, part + 1, parts, 1)):
        for c in range(0, channels, lanes):
            source = simd.at(du, o * channels + c)
            if k == 3:
                _weights3(source, 6 * plane, plane, tmp, 3 * lanes, lanes, tmp)
            else:
                _weights5(source, 6 * plane, plane, tmp, 5 * lanes, lanes, tmp)
            for e in range(0, k2, lanes):
                _transpose_edge(simd.at(tmp, e * lanes), lanes, k2 - e, lanes, turned, lanes)
                count = min(lanes, k2 - e)
                for j in range(lanes):
                    at = (o * channels + c + j) * k2 + e
                    total = simd.fma(simd.load(turned, j * lanes), scale, simd.load_first(dweight, at, count))
                    simd.store_first(dweight, at, total, count)
        if has_bias:
            total = 0.0
            for n in range(images):
                total += simd.get(sums, n * outputs + o)
            simd.put(dbias, o, simd.get(dbias, o) + scale * total)


@lru_cache(maxsize=64)
def _tables(size: tuple, pad: int, box: tuple, out: tuple, out_box: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Places of the pixels of an image and of a gradient in their boxes."""
    return grid((0, pad, pad), (1, 1, 1), (1, *size), (1, *box)), grid((0, 0, 0), (1, 1, 1), (1, *out), (1, *out_box))


def backward_weight(x, dy, dweight, dbias, pad: int, scale: float) -> None:
    """Add ``scale`` times the gradients to ``dweight`` (O x C x k x k) and, unless None, ``dbias``."""
    images, channels, *size = x.shape
    outputs, *out = dy.shape[1:]
    k = dweight.shape[2]
    step = 7 - k
    down, across = -(-out[0] // step), -(-out[1] // step)
    box, out_box = (down * step + k - 1, across * step + k - 1), (down * step, across * step)
    places, out_places = _tables(tuple(size), pad, box, tuple(out), out_box)
    tiles = max(64, BLOCK // (36 * (channels + outputs) * x.itemsize))
    block_images = min(images, max(1, tiles // (down * across)))
    block_rows = down if block_images > 1 else min(down, max(1, tiles // across))
    tiles = block_images * block_rows * across
    parts = threads(images * down * across * channels * outputs / 3)
    du = scratch(x.dtype, 36 * (outputs + SLACK) * channels, "weights")
    volume, out_volume = box[0] * box[1], out_box[0] * out_box[1]
    share = -(-(volume * channels + SLACK + (out_volume + SLACK) * outputs) // 64) * 64
    values = 36 * tiles * (channels + outputs) + SLACK
    work = scratch(x.dtype, parts * share + values, "images")
    v = work[parts * share :]
    y = v[36 * tiles * channels :]
    lanes = lanes_of(x.itemsize)
    sums = scratch(x.dtype, images * outputs + parts * (k * k + 2 * lanes) * lanes, "taps")
    for first in range(0, images, block_images):
        count = min(block_images, images - first)
        for top in range(0, down, block_rows):
            rows = min(block_rows, down - top)
            _transform(
                x, min(parts, count), x, first, count, channels, places, size[0] * size[1], volume,
                dy, outputs, out[0] * out[1], out_volume, out_places, out_box[1], box[1], step, top, rows, across,
                tiles, v, y, sums, work, share,
            )  # fmt: skip
            add = first > 0 or top > 0
            _products(x, parts, y, v, du, tiles, count * rows * across, outputs, channels, add)
    _finish(
        x, parts, du, outputs, channels, k, dweight, sums, images, dweight if dbias is None else dbias,
        dbias is not None, float(scale), sums[images * outputs :],
    )  # fmt: skip
