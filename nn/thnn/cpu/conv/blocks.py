"""Outputs in blocks of one tile of :mod:`nn.thnn.cpu.gemm.microkernel`: wide ones, and narrow ones for what is left.

What all algorithms do with them: copies, bias, sums over pixels.
"""

from __future__ import annotations

from ..gemm.microkernel import COLUMNS, ROWS, by_rows
from ..runtime.blocking import BLOCKING
from ..runtime.jit import compact, inner
from ..simd import registers as simd

#: Rows of a tile one vector wide.
NARROW = BLOCKING.narrow

wide_tile = by_rows(ROWS, COLUMNS)

narrow_tile = by_rows(NARROW, 1)


@inner
def block_width(left, lanes):
    """Outputs of the next block where so many are left: a wide one unless narrow ones leave fewer lanes idle."""
    return COLUMNS * lanes if left > (COLUMNS - 1) * lanes else lanes


@inner
def packed_block(o, total, lanes):
    """Start and width of the block of packed weights that holds output o (a multiple of the lanes)."""
    start = 0
    while start + block_width(total - start, lanes) <= o:
        start += block_width(total - start, lanes)
    return start, block_width(total - start, lanes)


@inner
def copy_line(source, target, count):
    """``count`` neighbours, and no element behind them."""
    for i in range(0, count, simd.lanes(source)):
        simd.store_first(target, i, simd.load_first(source, i, count - i), count - i)


@inner
def copy_bias(bias, count, padded, has_bias, target):
    """The bias with zeros after it, or zeros."""
    lanes = simd.lanes(target)
    for i in range(0, padded, lanes):
        simd.store(target, i, simd.load_first(bias, i, count - i if has_bias else 0))


@inner
@compact
def add_pixels(dy, pitch, pixels, columns, sums):
    """sums[o] += sum over pixels of dy[pixel][o]"""
    for o in range(0, columns, simd.lanes(dy)):
        total, second, third, fourth = simd.load(sums, o), simd.splat(dy, 0), simd.splat(dy, 0), simd.splat(dy, 0)
        for p in range(0, pixels - 3, 4):
            row = simd.at(dy, p * pitch + o)
            total += simd.load(row, 0)
            second += simd.load(row, pitch)
            third += simd.load(row, 2 * pitch)
            fourth += simd.load(row, 3 * pitch)
        for p in range(pixels - pixels % 4, pixels):
            total += simd.load(dy, p * pitch + o)
        simd.store(sums, o, (total + second) + (third + fourth))
