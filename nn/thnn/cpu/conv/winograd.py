"""Convolution of planes with 3 x 3 or 5 x 5 taps and stride 1 by Winograd's algorithm: output and gradInput.

A tile of 6 x 6 inputs gives 4 x 4 outputs of 3 x 3 taps (2 x 2 of 5 x 5). In the domain of :mod:`winograd_transforms`
a convolution is 36 independent matrix products,

    M[point][tile][output] = sum over channels of V[point][tile][channel] * U[point][channel][output]

with 4 (2.8) times fewer multiplications than the direct sum. The channels and outputs must be multiples of a vector.
Threads take blocks of tiles, each with all its products; where the weights U are large they share a block's products.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..gemm.microkernel import ROWS, null
from ..gemm.transpose import clear, edge_transposer, to_pixels, to_planes, transposer
from ..runtime.isa import lanes_of
from ..runtime.jit import inner
from ..runtime.parallel import team, unpack
from ..runtime.partition import bound, threads
from ..runtime.workspace import scratch
from ..simd import registers as simd
from .blocks import NARROW, block_width, copy_bias, narrow_tile, packed_block, wide_tile
from .geometry import SLACK, grid
from .winograd_transforms import inputs, outputs, taps

#: Tiles a block where each thread has its own, and bytes of V and M where they share.
TILES = 96
LARGE = 200 * 200
SHARED = 16 << 20

_transpose = transposer()
_transpose_edge = edge_transposer()
_taps3, _taps5 = taps(3), taps(5)
_flipped3, _flipped5 = taps(3, True), taps(5, True)
_outputs4, _outputs2 = outputs(4, biased=True), outputs(2, biased=True)


@team
def _transform_weights(frame, like, part, parts):
    """U[point][block of outputs][channel][width] from weight [output][channel][k][k]."""
    w, outputs, channels, k, u, work = unpack(frame, like, "piiipp")
    lanes = simd.lanes(w)
    k2 = k * k
    tmp = simd.at(work, part * (k2 + 1) * lanes * lanes)
    blocks = outputs // lanes
    for block in range(bound(blocks, part, parts, 1), bound(blocks, part + 1, parts, 1)):
        o = block * lanes
        start, width = packed_block(o, outputs, lanes)
        for c in range(0, channels, lanes):
            for e in range(0, lanes * k2, lanes):
                source = simd.at(w, o * channels * k2 + c * k2 + e)
                _transpose(source, channels * k2, simd.at(tmp, e * lanes), lanes)
            for q in range(lanes):
                target = simd.at(u, start * channels + (c + q) * width + o - start)
                _taps(simd.at(tmp, q * k2 * lanes), k, lanes, target, channels * outputs, False)


@team
def _transform_weights_back(frame, like, part, parts):
    """The same with input and output changed places and the taps turned round."""
    w, outputs, channels, k, u, work = unpack(frame, like, "piiipp")
    lanes = simd.lanes(w)
    k2 = k * k
    tmp = simd.at(work, part * (k2 + lanes) * lanes)
    for o in range(bound(channels, part, parts, 1), bound(channels, part + 1, parts, 1)):
        for c in range(0, outputs, lanes):
            start, width = packed_block(c, outputs, lanes)
            for e in range(0, k2, lanes):
                source = simd.at(w, (o * outputs + c) * k2 + e)
                _transpose_edge(source, k2, lanes, k2 - e, simd.at(tmp, e * lanes), lanes)
            target = simd.at(u, start * channels + o * width + c - start)
            _taps(tmp, k, lanes, target, channels * outputs, True)


@inner
def _taps(tmp, k, lanes, target, point, flipped):
    if k == 3:
        if flipped:
            _flipped3(tmp, 3 * lanes, lanes, target, 6 * point, point, tmp)
        else:
            _taps3(tmp, 3 * lanes, lanes, target, 6 * point, point, tmp)
    elif flipped:
        _flipped5(tmp, 5 * lanes, lanes, target, 6 * point, point, tmp)
    else:
        _taps5(tmp, 5 * lanes, lanes, target, 6 * point, point, tmp)


@inner
def to_values(image, box_width, channels, step, row, across, v, tile, tiles):
    """V of the ``across`` tiles of one row of tiles, from row ``tile`` of V on."""
    lanes = simd.lanes(image)
    line, plane = box_width * channels, tiles * channels
    for column in range(across):
        source = simd.at(image, row * step * line + column * step * channels)
        for c in range(0, channels, lanes):
            target = simd.at(v, (tile + column) * channels + c)
            inputs(simd.at(source, c), line, channels, target, 6 * plane, plane, target)


@inner
def _multiply(v, u, m, tiles, used, channels, outputs, rows, first, last):
    """The products of the points first to last."""
    lanes = simd.lanes(v)
    for point in range(first, last):
        o = 0
        while o < outputs:
            width = block_width(outputs - o, lanes)
            a = simd.at(v, point * tiles * channels)
            b = simd.at(u, point * channels * outputs + o * channels)
            c = simd.at(m, point * tiles * outputs + o)
            nothing = null(m)
            if width > lanes:
                for t in range(0, used, ROWS):
                    wide_tile(
                        simd.at(a, t * channels), rows, 0, b, 0, width, simd.at(c, t * outputs), outputs,
                        nothing, 0, 1, channels,
                    )  # fmt: skip
            else:
                for t in range(0, used, NARROW):
                    narrow_tile(
                        simd.at(a, t * channels), rows, 0, b, 0, width, simd.at(c, t * outputs), outputs,
                        nothing, 0, 1, channels,
                    )  # fmt: skip
            o += width


@inner
def _enter(x, first_image, channels, pixels, places, image, box_width, step, top, rows, across, start, stop, v, tiles):
    """Transform the strips (one row of tiles of one image) from start to stop of a block."""
    held = -1
    for strip in range(start, stop):
        n, row = first_image + strip // rows, top + strip % rows
        if n != held:
            to_pixels(simd.at(x, n * channels * pixels), pixels, channels, pixels, image, places, channels)
            held = n
        to_values(image, box_width, channels, step, row, across, v, strip * across, tiles)


@inner
def _leave(m, tiles, outputs, step, first_image, top, rows, across, start, stop, canvas, bias, y, height, width):
    """Transform the products of the strips back and write the output's planes."""
    lanes = simd.lanes(m)
    pitch = across * step
    for strip in range(start, stop):
        n, row = first_image + strip // rows, (top + strip % rows) * step
        for column in range(across):
            for o in range(0, outputs, lanes):
                source = simd.at(m, (strip * across + column) * outputs + o)
                target, b = simd.at(canvas, column * step * outputs + o), simd.at(bias, o)
                if step == 4:
                    _outputs4(source, 6 * tiles * outputs, tiles * outputs, target, pitch * outputs, outputs, b)
                else:
                    _outputs2(source, 6 * tiles * outputs, tiles * outputs, target, pitch * outputs, outputs, b)
        plane = simd.at(y, n * outputs * height * width + row * width)
        lines = min(step, height - row)
        if width == pitch:
            to_planes(canvas, outputs, outputs, lines * width, plane, height * width)
        else:
            for i in range(lines):
                source = simd.at(canvas, i * pitch * outputs)
                to_planes(source, outputs, outputs, width, simd.at(plane, i * width), height * width)


@team
def _convolve(frame, like, part, parts):
    """A part of all blocks (stage 0), or of one block: of its strips (1), its products (2) or its outputs (3)."""
    args = unpack(frame, like, "ipiiitiiippiipiiiiiiitpppii")
    stage, x, images, channels, pixels, places, box, box_width, step, u, bias, has_bias, outputs, y, height = args[:15]
    width, down, across, block_images, block_rows, tiles, rows_table, work, v, m, share, block = args[15:]
    image = simd.at(work, part * share)
    row = simd.at(image, box * channels + SLACK)
    canvas = simd.at(row, outputs)
    if stage < 2:
        clear(image, box * channels)
    if stage == 0 or stage == 3:
        copy_bias(bias, outputs, outputs, has_bias != 0, row)
    if stage == 0:
        v = simd.at(canvas, (across * step * step + SLACK) * outputs)
        m = simd.at(v, 36 * tiles * channels)
    chunks = (down + block_rows - 1) // block_rows
    blocks = (images + block_images - 1) // block_images * chunks
    first = bound(blocks, part, parts, chunks) if stage == 0 else block
    last = bound(blocks, part + 1, parts, chunks) if stage == 0 else block + 1
    for b in range(first, last):
        n, top = b // chunks * block_images, b % chunks * block_rows
        rows = min(block_rows, down - top)
        strips = min(block_images, images - n) * rows
        alone = stage == 0
        i, j = (0 if alone else bound(strips, part, parts, 1)), (strips if alone else bound(strips, part + 1, parts, 1))
        p, q = (0 if alone else bound(36, part, parts, 1)), (36 if alone else bound(36, part + 1, parts, 1))
        if stage < 2:
            _enter(x, n, channels, pixels, places, image, box_width, step, top, rows, across, i, j, v, tiles)
        if alone or stage == 2:
            _multiply(v, u, m, tiles, strips * across, channels, outputs, rows_table, p, q)
        if alone or stage == 3:
            _leave(m, tiles, outputs, step, n, top, rows, across, i, j, canvas, row, y, height, width)


@lru_cache(maxsize=64)
def _tables(height: int, width: int, pad: int, box: tuple[int, int], channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Places of an image's pixels in its box, and the offsets of the rows of V."""
    return grid((0, pad, pad), (1, 1, 1), (1, height, width), (1, *box)), np.arange(SLACK, dtype=np.int64) * channels


def _run(x: np.ndarray, u: np.ndarray, bias: np.ndarray | None, y: np.ndarray, k: int, pad: int) -> None:
    """y = x convolved with the transformed weights u."""
    images, channels, height, width = x.shape
    outputs, out_height, out_width = y.shape[1:]
    step = 7 - k
    down, across = -(-out_height // step), -(-out_width // step)
    box = (down * step + k - 1, across * step + k - 1)
    places, rows = _tables(height, width, pad, box, channels)
    parts = threads(images * down * across * channels * outputs / 3)
    per_image = down * across
    block_images, block_rows = max(1, TILES // per_image), down if per_image <= 2 * TILES else max(1, TILES // across)
    blocks = -(-images // block_images) * -(-down // block_rows)
    sharing = parts > 1 and (channels * outputs >= LARGE or blocks < 2 * parts)
    if sharing:
        tiles = max(TILES, SHARED // (36 * (channels + outputs) * x.itemsize))
        block_images = min(images, max(1, tiles // per_image))
        block_rows = down if per_image <= tiles else max(1, tiles // across)
        blocks = -(-images // block_images) * -(-down // block_rows)
    tiles = -(-block_images * block_rows * across // 24) * 24
    values = 36 * tiles * (channels + outputs)
    share = box[0] * box[1] * channels + SLACK + outputs * (1 + across * step * step + SLACK)
    share = -(-(share + (0 if sharing else values)) // 64) * 64
    work = scratch(x.dtype, parts * share + (values if sharing else 0), "images")
    v = work[parts * share :]
    m = v[36 * tiles * channels :] if sharing else v

    def stage(number: int, block: int) -> None:
        _convolve(
            x, parts, number, x, images, channels, height * width, places, box[0] * box[1], box[1], step, u,
            y if bias is None else bias, bias is not None, outputs, y, out_height, out_width, down, across,
            block_images, block_rows, tiles, rows, work, v, m, share, block,
        )  # fmt: skip

    if not sharing:
        stage(0, 0)
        return
    for block in range(blocks):
        for number in (1, 2, 3):
            stage(number, block)


def _weights(pack, x: np.ndarray, weight: np.ndarray, channels: int, outputs: int) -> np.ndarray:
    """U, from the weights as they lie or turned round."""
    k = weight.shape[2]
    parts = threads(weight.size)
    u = scratch(x.dtype, 36 * channels * outputs, "weights")
    lanes = lanes_of(x.itemsize)
    work = scratch(x.dtype, parts * (k * k + lanes) * lanes * lanes, "taps")
    pack(x, parts, weight, outputs, channels, k, u, work)
    return u


def forward(x, weight, bias, y, pad: int) -> None:
    """``y = weight * x + bias`` for stride 1; N x C x H x W arrays, weight O x C x k x k, k 3 or 5."""
    _run(x, _weights(_transform_weights, x, weight, x.shape[1], y.shape[1]), bias, y, weight.shape[2], pad)


def backward_input(dy, weight, bias, dx, pad: int) -> None:
    """The gradient with respect to x, plus ``bias`` unless it is None; ``pad`` less than k."""
    k = weight.shape[2]
    _run(dy, _weights(_transform_weights_back, dy, weight, dy.shape[1], dx.shape[1]), bias, dx, k, k - 1 - pad)
