"""What the steps of SeqGRU are made of: packed recurrent weights, products with their panels, the threads' shares.

Samples do not depend on one another, so each thread takes some of them through all steps. Where there are too few
samples for that, the threads share out the units instead, and meet (:mod:`supersteps`) before what needs all of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.gemm.gemm import macrokernel, rows_of
from ..cpu.gemm.microkernel import COLUMNS, ROWS
from ..cpu.gemm.packing import pack_a, pack_columns, pack_rows
from ..cpu.runtime.isa import lanes_of
from ..cpu.runtime.jit import inner, kernel
from ..cpu.runtime.partition import bound, threads
from ..cpu.runtime.workspace import scratch
from ..cpu.simd import registers as simd

#: Rows that are multiplied at once.
BLOCK = 8 * ROWS
#: Nanoseconds that all parts need to meet.
MEETING = 5_000


@kernel
def _pack(b, ldb, transposed, K, n, out):
    width = COLUMNS * simd.lanes(out)
    if transposed:
        pack_columns(simd.at(b, 0), ldb, K, n, width, simd.at(out, 0))
    else:
        pack_rows(simd.at(b, 0), ldb, K, n, width, simd.at(out, 0))


def packed(B: np.ndarray, transposed: bool, name: str) -> np.ndarray:
    """op(B) in panels of a tile's columns, each with all rows: ``out[panel][k][column]``.

    It is valid until another one of the same ``name``.
    """
    n, K = B.shape if transposed else B.shape[::-1]
    tile = COLUMNS * lanes_of(B.itemsize)
    out = scratch(B.dtype, -(-n // tile) * tile * K + tile * tile, name)
    _pack(*rows_of(B), transposed, K, n, out)
    return out


def workspace(dtype: np.dtype, parts: int, K: int) -> tuple[np.ndarray, int]:
    """Scratch of all parts for products over K, and the elements of one of them: a corner, a panel, packed rows."""
    share = (ROWS + BLOCK) * COLUMNS * lanes_of(dtype.itemsize) + BLOCK * K + ROWS * ROWS
    return scratch(dtype, parts * share, "SeqGRU.work"), share


@inner
def panel_of(work):
    """Room for a panel's BLOCK rows."""
    return simd.at(work, ROWS * COLUMNS * simd.lanes(work))


@inner
def pack(a, lda, rows, K, work):
    """Pack up to BLOCK rows for products."""
    pack_a(a, lda, False, rows, K, 1.0, simd.at(work, (ROWS + BLOCK) * COLUMNS * simd.lanes(work)))


@inner
def product(work, rows, K, weights, j, stop, c, ldc, add):
    """C (+)= A B for packed rows A and the panel with columns j to stop of B; c is where column j is."""
    width = COLUMNS * simd.lanes(work)
    a = simd.at(work, (ROWS + BLOCK) * width)
    macrokernel(a, simd.at(weights, j * K), K, rows, stop - j, width, c, ldc, c, ldc, add, work)


@inner
def share(n, part, parts, divided, unit):
    """From where to where a part goes in n: all of it unless it is divided."""
    if divided:
        return bound(n, part, parts, unit), bound(n, part + 1, parts, unit)
    return 0, n


def division(steps: int, samples: int, weight: np.ndarray) -> tuple[int, bool]:
    """The number of parts for products with ``weight`` at every step, and whether they share out its columns."""
    tile = ROWS * weight.size / 50
    tiles = -(-samples // ROWS)
    parts = threads(steps * tiles * tile)
    if (-(-tiles // parts) - tiles / parts) * tile > MEETING:
        return max(1, min(parts, weight.shape[0] // (COLUMNS * lanes_of(weight.itemsize)))), True
    return min(parts, tiles), False


def marks(zero: Any, steps: int, samples: int) -> np.ndarray:
    """1 for the samples that ``zero`` marks, of all steps, 0 for the others and where it is None."""
    marked = scratch(np.dtype(np.int64), steps * samples, "SeqGRU.marks")[: steps * samples]
    marked[...] = 0 if zero is None else zero.reshape(-1)
    return marked
