"""Images to tiles in Winograd's domain, and tiles of products back to planes of outputs."""

from __future__ import annotations

from typing import NamedTuple

from ...gemm.transpose import to_channels_first, to_channels_last
from ...runtime.jit import inner
from ...runtime.records import Int, Pointer, Table
from ...simd import registers as simd
from .transforms import inputs, outputs

_outputs4, _outputs2 = outputs(4, biased=True), outputs(2, biased=True)


class Images(NamedTuple):
    """Images, [image][channel][pixel], and where their pixels lie in a box with the border."""

    data: Pointer
    count: Int
    channels: Int
    pixels: Int
    box_pixels: Table
    box: Int
    box_width: Int


class Grid(NamedTuple):
    """Tiles of ``step`` x ``step`` outputs, ``across`` in one row of ``down``; a block has rows of some images."""

    step: Int
    down: Int
    across: Int
    block_images: Int
    block_rows: Int
    #: Tiles of a block, with those that fill the tiles of the product.
    tiles: Int


class Target(NamedTuple):
    """The output, or gradInput: planes of height x width; the bias that is added."""

    data: Pointer
    outputs: Int
    height: Int
    width: Int
    bias: Pointer
    has_bias: Int


class Block(NamedTuple):
    """One block: its first image and row of tiles, and its strips, each one row of tiles of one image."""

    image: Int
    top: Int
    rows: Int
    strips: Int


@inner
def to_values(image, box_width, channels, tiles, row, v, tile):
    """V of one row of tiles, from tile ``tile`` of V on; ``tiles`` is (step, across, tiles of V)."""
    step, across, count = tiles
    lanes = simd.lanes(image)
    line, plane = box_width * channels, count * channels
    for column in range(across):
        source = simd.at(image, row * step * line + column * step * channels)
        for c in range(0, channels, lanes):
            target = simd.at(v, (tile + column) * channels + c)
            inputs(simd.at(source, c), line, channels, target, 6 * plane, plane, target)


@inner
def block_of(number, images, grid):
    """Block number ``number``: some rows of tiles of some images."""
    chunks = (grid.down + grid.block_rows - 1) // grid.block_rows
    n, top = number // chunks * grid.block_images, number % chunks * grid.block_rows
    rows = min(grid.block_rows, grid.down - top)
    return Block(n, top, rows, min(grid.block_images, images - n) * rows)


@inner
def enter(images, grid, block, strips, image, v):
    """The values of a range of strips of a block."""
    held, channels = -1, images.channels
    for strip in range(strips[0], strips[1]):
        n, row = block.image + strip // block.rows, block.top + strip % block.rows
        if n != held:
            source = simd.at(images.data, n * channels * images.pixels)
            to_channels_last(source, images.pixels, channels, images.pixels, image, images.box_pixels, channels)
            held = n
        tiles = grid.step, grid.across, grid.tiles
        to_values(image, images.box_width, channels, tiles, row, v, strip * grid.across)


@inner
def _to_outputs(m, grid, outputs, tile, canvas, bias):
    """canvas[row][column][output] of the tiles of one strip, which begins at ``tile``."""
    pitch, plane = grid.across * grid.step, grid.tiles * outputs
    for column in range(grid.across):
        for o in range(0, outputs, simd.lanes(m)):
            source, b = simd.at(m, (tile + column) * outputs + o), simd.at(bias, o)
            target = simd.at(canvas, column * grid.step * outputs + o)
            if grid.step == 4:
                _outputs4(source, 6 * plane, plane, target, pitch * outputs, outputs, b)
            else:
                _outputs2(source, 6 * plane, plane, target, pitch * outputs, outputs, b)


@inner
def leave(m, grid, block, strips, target, canvas, bias):
    """Transform the products of a range of strips back and write the output's planes."""
    outputs, height, width, pitch = target.outputs, target.height, target.width, grid.across * grid.step
    for strip in range(strips[0], strips[1]):
        n, row = block.image + strip // block.rows, (block.top + strip % block.rows) * grid.step
        _to_outputs(m, grid, outputs, strip * grid.across, canvas, bias)
        plane = simd.at(target.data, n * outputs * height * width + row * width)
        lines = min(grid.step, height - row)
        if width == pitch:
            to_channels_first(canvas, outputs, outputs, lines * width, plane, height * width)
        else:
            for i in range(lines):
                source = simd.at(canvas, i * pitch * outputs)
                to_channels_first(source, outputs, outputs, width, simd.at(plane, i * width), height * width)
