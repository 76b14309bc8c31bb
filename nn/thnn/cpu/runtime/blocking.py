"""How kernels are blocked for a processor: one table for each width of vectors, and the rates of long kernels.

A tile is what stays in registers: rows times vectors of sums, beside the vectors that are loaded. With 32 registers of
64 bytes (AVX-512) 8 x 2 or 12 x 1 sums leave room for two more vectors and a scalar; with 16 of 32 bytes (AVX2) 4 x 3.
"""

from __future__ import annotations

from typing import NamedTuple

from .isa import VECTOR_BYTES


class Blocking(NamedTuple):
    """Sizes of tiles in registers, in rows and vectors."""

    #: The tile of matrix products.
    rows: int
    columns: int
    #: Rows of a tile one vector wide.
    narrow: int
    #: Rows of a tile of the gradient of Winograd's weights, for runs that ``rows`` does not divide well.
    tall: int
    #: Samples of a tile of a recurrent step; it is two vectors wide.
    samples: int
    #: Convolution with the channels first: channels of a tile -> vectors of pixels, largest first.
    planes: dict[int, int]
    #: The gradient of its weights: outputs of a tile -> taps.
    taps: dict[int, int]


_WIDTHS = {
    64: Blocking(8, 2, 12, 12, 8, {6: 4, 4: 5, 3: 6, 2: 9, 1: 12}, {4: 5, 3: 5, 2: 9, 1: 9}),
    32: Blocking(4, 3, 12, 4, 6, {6: 2, 4: 2, 3: 3, 2: 4, 1: 8}, {4: 2, 3: 3, 2: 4, 1: 9}),
}
_OTHERS = Blocking(4, 2, 8, 4, 4, {6: 2, 4: 2, 3: 3, 2: 4, 1: 8}, {4: 2, 3: 3, 2: 4, 1: 9})

BLOCKING = _WIDTHS.get(VECTOR_BYTES, _OTHERS)

#: Multiplications a nanosecond by one thread, to tell whether work is worth a launch: measured with AVX-512 at 3.5 GHz,
#: and on the safe side elsewhere. A product that runs from packed blocks; a convolution, with its copies; the same
#: where each pixel sees one plane only; a convolution by Winograd's algorithm, counted in products of a tile.
PRODUCT_RATE = 50
CONVOLUTION_RATE = 30
PLANE_RATE = 10
LOCAL_RATE = 20
WINOGRAD_RATE = 3
