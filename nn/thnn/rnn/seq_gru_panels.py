"""What the steps of SeqGRU are made of: packed recurrent weights, products with their panels, the threads' shares.

Samples do not depend on one another, so each thread takes some of them through all steps. Where there are too few
samples for that, the threads share out the units instead, and meet before what needs all of them (:func:`supersteps`).
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..cpu.gemm.gemm import pitch
from ..cpu.gemm.macrokernel import Block, edge, macrokernel
from ..cpu.gemm.microkernel import COLUMNS, ROWS, by_columns, null
from ..cpu.gemm.packing import pack_a, pack_columns, pack_rows
from ..cpu.runtime.blocking import PRODUCT_RATE
from ..cpu.runtime.isa import lanes_of
from ..cpu.runtime.jit import inner, kernel
from ..cpu.runtime.partition import aligned, bound, ceil_div, threads
from ..cpu.runtime.records import Int, Pointer
from ..cpu.runtime.workspace import take
from ..cpu.simd import registers as simd

#: Rows that are multiplied at once.
BLOCK_ROWS = 8 * ROWS
#: Nanoseconds that all parts need to meet.
MEETING = 5_000

#: For one sample, and for few.
_one_row, _half_tile = by_columns(1, COLUMNS), by_columns(ROWS // 2, COLUMNS)


class Sizes(NamedTuple):
    """Steps, samples, units."""

    T: Int
    N: Int
    H: Int


class Room(NamedTuple):
    """Whether the threads share out the units, not the samples; scratch, ``size`` elements a thread."""

    shared: Int
    work: Pointer
    size: Int


class Tiles(NamedTuple):
    """Ranges of samples and of columns, and a thread's scratch."""

    first: Int
    last: Int
    left: Int
    right: Int
    work: Pointer


@kernel
def _pack(b, transposed, out):
    width = COLUMNS * simd.lanes(out)
    if transposed:
        pack_columns(simd.at(b, 0), pitch(b), b.shape[1], b.shape[0], width, simd.at(out, 0))
    else:
        pack_rows(simd.at(b, 0), pitch(b), b.shape[0], b.shape[1], width, simd.at(out, 0))


def packed(B: np.ndarray, transposed: bool, name: str) -> np.ndarray:
    """op(B) in panels of a tile's columns, each with all rows: ``out[panel][k][column]``.

    It is valid until another one of the same ``name``.
    """
    n, K = B.shape if transposed else B.shape[::-1]
    tile = COLUMNS * lanes_of(B.itemsize)
    out = take(name, B.dtype, aligned(n, tile) * K + tile * tile)
    _pack(B, transposed, out)
    return out


def workspace(dtype: np.dtype, parts: int, K: int) -> tuple[np.ndarray, int]:
    """Scratch of all parts for products over K, and the elements of one of them: a corner, a panel, packed rows."""
    share = (ROWS + BLOCK_ROWS) * COLUMNS * lanes_of(dtype.itemsize) + BLOCK_ROWS * K + ROWS * ROWS
    return take("SeqGRU.work", dtype, parts * share), share


@inner
def panel_of(work):
    """Room for a panel's BLOCK_ROWS rows."""
    return simd.at(work, ROWS * COLUMNS * simd.lanes(work))


@inner
def pack(a, lda, rows, K, work):
    """Pack up to BLOCK_ROWS rows for products."""
    pack_a(a, lda, False, rows, K, 1.0, simd.at(work, (ROWS + BLOCK_ROWS) * COLUMNS * simd.lanes(work)))


@inner
def product(work, rows, K, weights, columns, target):
    """C (+)= A B for packed rows A and the panel with a range of columns of B; ``target`` is where the first one is."""
    (j, stop), width = columns, COLUMNS * simd.lanes(work)
    a = simd.at(work, (ROWS + BLOCK_ROWS) * width)
    if rows > ROWS // 2:
        macrokernel(Block(a, simd.at(weights, j * K), K, rows, stop - j, K), target, work)
        return
    for k in range(j, stop, width):
        panel = simd.at(weights, k * K)
        if rows == 1:
            _one_row(a, 0, ROWS, panel, 0, width, work, width, null(work), 0, 1, K)
        else:
            _half_tile(a, 0, ROWS, panel, 0, width, work, width, null(work), 0, 1, K)
        edge(work, width, target, k - j, k - j, rows, min(width, stop - k))


@inner
def share(n, part, parts, divided, unit):
    """From where to where a part goes in n: all of it unless it is divided."""
    if divided:
        return bound(n, part, parts, unit), bound(n, part + 1, parts, unit)
    return 0, n


def division(steps: int, samples: int, weight: np.ndarray) -> tuple[int, bool]:
    """The number of parts for products with ``weight`` at every step, and whether they share out its columns."""
    tile = ROWS * weight.size / PRODUCT_RATE
    tiles = ceil_div(samples, ROWS)
    parts = threads(steps * tiles * tile)
    if (ceil_div(tiles, parts) - tiles / parts) * tile > MEETING:
        return max(1, min(parts, weight.shape[0] // (COLUMNS * lanes_of(weight.itemsize)))), True
    return min(parts, tiles), False


def zero_marks(zero: Any, steps: int, samples: int) -> np.ndarray:
    """1 for the samples that ``zero`` marks, of all steps, 0 for the others and where it is None."""
    marked = take("SeqGRU.marks", np.dtype(np.int64), steps * samples)
    if zero is None:
        _unmark(marked)
    else:
        marked[...] = zero.reshape(-1)
    return marked


@kernel
def _unmark(marked):
    for n in range(marked.size):
        marked[n] = 0
