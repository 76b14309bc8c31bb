"""Which convolutions Winograd's algorithm takes, and how their images are divided into tiles."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ...runtime.partition import ceil_div
from ..geometry import SLACK, grid, output_size
from ..method import GEOMETRY, Shape
from .transformed_weights import LANES

#: The least channels and outputs: with fewer the transforms cost what the products save.
WIDE = 64
#: The fewest tiles for 4 x 4 taps, whose weights are 25 in the domain for each 4; twice as many where they are read.
FEWEST = 32


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
    """Planes, wide enough in whole vectors, 3 x 3 or 5 x 5 taps side by side, or 4 x 4 with a stride of 2.

    It is not bit-near, so for float32 and no more.
    """
    k, lanes, pad = shape.kernel[2], LANES, shape.pad[2]
    return (
        shape.dtype == np.float32
        and not shape.exact
        and shape.groups == 1
        and shape.kernel == (1, k, k)
        and shape.size[0] == 1
        and shape.dilation == (1, 1, 1)
        and shape.pad == (0, pad, pad)
        and pad < k
        and min(shape.channels, shape.outputs) >= WIDE
        and shape.channels % lanes == shape.outputs % lanes == 0
        and (_side_by_side(shape) or (k == 4 and shape.stride[1:] == (2, 2) and _filled(shape)))
    )


def _side_by_side(shape: Shape) -> bool:
    return shape.kernel[2] in (3, 5) and shape.stride == (1, 1, 1)


def _tiles(shape: Shape) -> int:
    """Tiles of 4 x 4 outputs of the convolution."""
    _, height, width = map(output_size, *shape[:GEOMETRY])
    return shape.images * ceil_div(height, 4) * ceil_div(width, 4)


def _filled(shape: Shape) -> bool:
    """Whether outputs fill at least half of the tiles, of which there are some for the weights that are transformed."""
    _, height, width = map(output_size, *shape[:GEOMETRY])
    return _tiles(shape) >= FEWEST and 2 * shape.images * height * width >= 16 * _tiles(shape)


def takes_output(shape: Shape) -> bool:
    """As :func:`takes`; weights with a stride must be worth their transform at every call, 25 for each 4 of them."""
    return takes(shape) and (_side_by_side(shape) or _tiles(shape) >= 2 * FEWEST)
