"""Which convolutions Winograd's algorithm takes, and how their images are divided into tiles."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ...runtime.isa import VECTOR_BYTES
from ...runtime.partition import aligned, ceil_div
from ..geometry import SLACK, grid, output_size
from ..method import GEOMETRY, Shape
from .transformed_weights import LANES

#: The least channels and outputs, and with a stride: below, the transforms cost what the products save.
NARROWEST, NARROWEST_STRIDED = 13, 32
#: From so many on any number of tiles is taken. With fewer, and with a stride, the weights, of which there are 36 in
#: the domain for each 9 (100 for each 16), must be worth their transform at every call: by so many tiles.
WIDE, FEWEST, FEWEST_STRIDED = 64, 16, 32
#: How many times as many products whole vectors of channels and outputs may cost.
PADDING, PADDING_STRIDED = 4, 1.2
#: The part of the products that are left with half vectors, from which on down they are taken.
HALVES = 0.91


@lru_cache(maxsize=64)
def vector_of(shape: Shape) -> int:
    """Lanes of the vectors for channels and outputs: half as many where that saves enough products.

    Processors with long vectors compute as fast with two half ones, or nearly so.
    """
    if VECTOR_BYTES < 64 or shape.stride[2] > 1:
        return LANES
    whole, half = (aligned(shape.channels, n) * aligned(shape.outputs, n) for n in (LANES, LANES // 2))
    return LANES // 2 if half <= HALVES * whole else LANES


def tiling(shape: Shape) -> tuple[int, int, int]:
    """Points of a tile, outputs of it, and phases: for taps next to each other, or for 4 with a stride of 2."""
    k = shape.kernel[2]
    return (5, 4, 4) if shape.stride[2] == 2 else (6, 7 - k, 1)


@lru_cache(maxsize=64)
def box_of(size: tuple[int, int], pad: int, phases: int, box: tuple[int, int]) -> tuple[np.ndarray, tuple[int, int]]:
    """Places of the pixels of an image in its box, and the box: at least so large.

    With 4 phases a pixel of the box is a square of 2 x 2 pixels, one after the other.
    """
    if phases == 1:
        return grid((0, pad, pad), (1, 1, 1), (1, *size), (1, *box)), box
    rows, columns = (pad + np.arange(n) for n in size)
    box = max(box[0], int(rows[-1]) // 2 + 1), max(box[1], int(columns[-1]) // 2 + 1)
    places = (rows // 2 * box[1] * 4 + rows % 2 * 2)[:, None] + columns // 2 * 4 + columns % 2
    return np.append(places, np.repeat(places[-1, -1], SLACK)).astype(np.int64), box


def takes(shape: Shape) -> bool:
    """Planes, as many as nearly fill vectors, 3 x 3 or 5 x 5 taps side by side, or 4 x 4 with a stride of 2.

    It is not bit-near, so for float32 and no more.
    """
    k, pad = shape.kernel[2], shape.pad[2]
    return (
        shape.dtype == np.float32
        and not shape.exact
        and shape.groups == 1
        and shape.kernel == (1, k, k)
        and shape.size[0] == 1
        and shape.dilation == (1, 1, 1)
        and shape.pad == (0, pad, pad)
        and pad < k
        and _waste(shape) <= (PADDING_STRIDED if k == 4 else PADDING)
        and (_takes_strided(shape) if k == 4 else _takes_side_by_side(shape))
    )


def _waste(shape: Shape) -> float:
    """Products of whole vectors for each one that is needed."""
    return aligned(shape.channels, LANES) * aligned(shape.outputs, LANES) / max(1, shape.channels * shape.outputs)


def _takes_side_by_side(shape: Shape) -> bool:
    least = min(shape.channels, shape.outputs)
    if shape.kernel[2] not in (3, 5) or shape.stride != (1, 1, 1) or least < NARROWEST:
        return False
    tiles, used = tiles_of(shape, 7 - shape.kernel[2])
    return least >= WIDE or (tiles >= FEWEST and used > 0.6)


def _takes_strided(shape: Shape) -> bool:
    if shape.stride[1:] != (2, 2) or min(shape.channels, shape.outputs) < NARROWEST_STRIDED:
        return False
    tiles, used = tiles_of(shape, 4)
    return tiles >= FEWEST_STRIDED and used >= 0.75


def tiles_of(shape: Shape, step: int) -> tuple[int, float]:
    """Tiles of so many outputs of the convolution, and the share of them that is used."""
    _, height, width = map(output_size, *shape[:GEOMETRY])
    tiles = ceil_div(height, step) * ceil_div(width, step)
    return shape.images * tiles, height * width / (tiles * step * step)


def takes_output(shape: Shape) -> bool:
    """As :func:`takes`; where weights with a stride are read and not only written, by twice as many tiles."""
    return takes(shape) and (shape.stride[2] == 1 or tiles_of(shape, 4)[0] >= 2 * FEWEST_STRIDED)
