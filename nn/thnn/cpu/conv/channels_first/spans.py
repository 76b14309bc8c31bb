"""Runs of pixels of one to six outputs: which tile computes them."""

from __future__ import annotations

from ...gemm.microkernel import by_taps
from ...runtime.blocking import BLOCKING
from ...runtime.jit import inner
from ...simd import registers as simd

#: Vectors along a row for tiles of 6, 4, 3, 2 and 1 channels.
V6, V4, V3, V2, V1 = (BLOCKING.planes[rows] for rows in (6, 4, 3, 2, 1))
#: Vectors that a tile may reach beyond the last place.
BEYOND = max(V6, V4, V3, V2, V1) + 1

_tile6, _tile4, _tile3, _tile2, _tile1 = by_taps(6, V6), by_taps(4, V4), by_taps(3, V3), by_taps(2, V2), by_taps(1, V1)


@inner
def rows_of_tile(left):
    """Channels of the next tile where so many are left: 6, 4 and 3 as far as possible."""
    if left == 6 or left > 8:
        return 6
    return 4 if left in (4, 7, 8) else min(3, left)


@inner
def _vectors(rows):
    """Vectors of a tile of so many rows."""
    if rows == 6:
        return V6
    if rows == 4:
        return V4
    if rows == 3:
        return V3
    return V2 if rows == 2 else V1


@inner
def span_of_pixels(packed, image, offsets, K, span, rows, buffer, pitch):
    """buffer[row][pixel] for the ``span`` pixels of a phase."""
    for p in range(0, span, _vectors(rows) * simd.lanes(image)):
        b, c = simd.at(image, p), simd.at(buffer, p)
        if rows == 6:
            _tile6(packed, b, offsets, c, pitch, K)
        elif rows == 4:
            _tile4(packed, b, offsets, c, pitch, K)
        elif rows == 3:
            _tile3(packed, b, offsets, c, pitch, K)
        elif rows == 2:
            _tile2(packed, b, offsets, c, pitch, K)
        else:
            _tile1(packed, b, offsets, c, pitch, K)
