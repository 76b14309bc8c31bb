"""Images to tiles in Winograd's domain, and tiles of products back to planes of outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ...gemm.transpose import to_channels_first, to_channels_last
from ...runtime.jit import inlined, inner, instance
from ...runtime.records import Int, Pointer, Table
from ...simd import registers as simd
from .transforms import five_outputs, inputs, inputs5, linear, outputs, transform

_outputs4, _outputs2 = outputs(4, biased=True), outputs(2, biased=True)
_outputs4_of_5 = transform(linear(five_outputs(4)), 5, 4, biased=True)

#: What the templates below name; every instance has its own.
one = None


class Images(NamedTuple):
    """Images, [image][channel][pixel], and where their pixels lie in a box with the border.

    A pixel of the box has ``pitch`` channels: zeros fill the last vector. With 4 ``phases`` it is four pixels of the
    image, of which each belongs to other taps of a stride of 2.
    """

    data: Pointer
    count: Int
    channels: Int
    pitch: Int
    pixels: Int
    box_pixels: Table
    box: Int
    box_width: Int
    phases: Int


class Grid(NamedTuple):
    """Tiles of ``step`` x ``step`` outputs, ``across`` in one row of ``down``; a block has rows of some images.

    They have ``points`` x ``points`` values. With 4 ``phases`` there are such tiles of the outputs at even and at odd
    places, by rows and columns; those at odd ones read inputs ``shift`` pixels further on.
    """

    points: Int
    phases: Int
    shift: Int
    step: Int
    down: Int
    across: Int
    block_images: Int
    block_rows: Int
    #: Tiles of a block, with those that fill the tiles of the product.
    tiles: Int


class Target(NamedTuple):
    """The output, or gradInput: planes of height x width; ``pitch``: outputs in whole vectors; the bias."""

    data: Pointer
    outputs: Int
    pitch: Int
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


class Tiling(NamedTuple):
    """What :func:`to_values` reads of a :class:`Grid`."""

    points: Int
    phases: Int
    shift: Int
    step: Int
    across: Int
    tiles: Int


class Strip(NamedTuple):
    """One row of tiles: how many, elements from one to the next, of their lines and from a point to the next."""

    across: Int
    apart: Int
    line: Int
    plane: Int


def over_strip(transform: Callable) -> Callable:
    """Decorator: the transform of a tile, for a vector of channels, becomes that of all tiles of a strip.

    The loops are a part of each, since what is common to all tiles is computed anew where they call what chooses.
    """
    return inner(instance(_over_strip, transform, {"one": inlined(transform)}))


def _over_strip(source, strip, channels, target):
    for column in range(strip.across):
        for c in range(0, channels, simd.lanes(source)):
            one(simd.at(source, column * strip.apart + c), strip, channels, simd.at(target, column * channels + c))


@over_strip
def _values_of_six(tile, strip, channels, values):
    """The values at 6 x 6 points."""
    inputs(tile, strip.line, channels, values, 6 * strip.plane, strip.plane, values)


@over_strip
def _values_of_five(tile, strip, channels, values):
    """The values at 5 x 5 points."""
    inputs5(tile, strip.line, channels, values, 5 * strip.plane, strip.plane, values)


@inner
def to_values(image, box_width, channels, tiling, row, v, tile):
    """V of one row of tiles, from tile ``tile`` of V on."""
    points, step, shift = tiling.points, tiling.step, tiling.shift
    line, plane = box_width * channels, tiling.tiles * channels
    strip = Strip(tiling.across, step * channels, line, plane)
    for phase in range(tiling.phases):
        corner = simd.at(image, (row * step + phase // 2 * shift) * line + phase % 2 * shift * channels)
        values = simd.at(v, phase * points * points * plane + tile * channels)
        if points == 6:
            _values_of_six(corner, strip, channels, values)
        else:
            _values_of_five(corner, strip, channels, values)


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
    tiling = Tiling(grid.points, grid.phases, grid.shift, grid.step, grid.across, grid.tiles)
    for strip in range(strips[0], strips[1]):
        n, row = block.image + strip // block.rows, block.top + strip % block.rows
        if n != held:
            source = simd.at(images.data, n * channels * images.pixels)
            to_channels_last(source, images.pixels, channels, images.pixels, image, images.box_pixels, images.pitch)
            held = n
        to_values(image, images.box_width, images.pitch * images.phases, tiling, row, v, strip * grid.across)


class Canvas(NamedTuple):
    """One row of tiles of products, and of outputs: ``to``, ``row``, ``column`` are elements to the next of them."""

    across: Int
    plane: Int
    to: Int
    row: Int
    column: Int


def over_canvas(transform: Callable) -> Callable:
    """Decorator: the same for products, of which a tile for a vector of outputs becomes a tile of outputs."""
    return inner(instance(_over_canvas, transform, {"one": inlined(transform)}))


def _over_canvas(source, canvas, outputs, target, bias):
    for tile in range(canvas.across):
        for o in range(0, outputs, simd.lanes(source)):
            one(simd.at(source, tile * outputs + o), canvas, simd.at(target, tile * canvas.to + o), simd.at(bias, o))


@over_canvas
def _four_of_six(products, canvas, target, bias):
    """4 x 4 outputs of 6 x 6 points."""
    _outputs4(products, 6 * canvas.plane, canvas.plane, target, canvas.row, canvas.column, bias)


@over_canvas
def _two_of_six(products, canvas, target, bias):
    """2 x 2 outputs of 6 x 6 points."""
    _outputs2(products, 6 * canvas.plane, canvas.plane, target, canvas.row, canvas.column, bias)


@over_canvas
def _four_of_five(products, canvas, target, bias):
    """4 x 4 outputs of 5 x 5 points."""
    _outputs4_of_5(products, 5 * canvas.plane, canvas.plane, target, canvas.row, canvas.column, bias)


@inner
def _to_outputs(m, grid, outputs, tile, canvas, bias):
    """canvas[row][column][output] of the tiles of one strip, which begins at ``tile``."""
    apart = 2 if grid.phases > 1 else 1
    across, plane = grid.across * grid.step * apart * outputs, grid.tiles * outputs
    sizes = Canvas(grid.across, plane, grid.step * apart * outputs, apart * across, apart * outputs)
    for phase in range(grid.phases):
        corner = simd.at(canvas, phase // 2 * across + phase % 2 * outputs)
        values = simd.at(m, phase * grid.points * grid.points * plane + tile * outputs)
        if grid.points == 5:
            _four_of_five(values, sizes, outputs, corner, bias)
        elif grid.step == 4:
            _four_of_six(values, sizes, outputs, corner, bias)
        else:
            _two_of_six(values, sizes, outputs, corner, bias)


@inner
def leave(m, grid, block, strips, target, canvas, bias):
    """Transform the products of a range of strips back and write the output's planes."""
    apart = 2 if grid.phases > 1 else 1
    (outputs, wide), height, width, step = (
        (target.outputs, target.pitch),
        target.height,
        target.width,
        grid.step * apart,
    )
    pitch = grid.across * step
    for strip in range(strips[0], strips[1]):
        n, row = block.image + strip // block.rows, (block.top + strip % block.rows) * step
        _to_outputs(m, grid, wide, strip * grid.across, canvas, bias)
        plane = simd.at(target.data, n * outputs * height * width + row * width)
        lines = min(step, height - row)
        if width == pitch:
            to_channels_first(canvas, wide, outputs, lines * width, plane, height * width)
        else:
            for i in range(lines):
                source = simd.at(canvas, i * pitch * wide)
                to_channels_first(source, wide, outputs, width, simd.at(plane, i * width), height * width)
