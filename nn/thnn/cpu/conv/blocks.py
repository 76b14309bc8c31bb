"""Outputs in blocks of one tile of :mod:`nn.thnn.cpu.gemm.microkernel`: wide ones, and narrow ones for what is left."""

from __future__ import annotations

from ..gemm.microkernel import COLUMNS, ROWS, by_rows
from ..runtime.blocking import BLOCKING
from ..runtime.jit import inner
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
def copy_bias(bias, count, padded, has_bias, target):
    """The bias with zeros after it, or zeros."""
    lanes = simd.lanes(target)
    for i in range(0, padded, lanes):
        simd.store(target, i, simd.load_first(bias, i, count - i if has_bias else 0))
