"""Products with one matrix that is used many times, as at every step of a sequence: it is packed once."""

from __future__ import annotations

import numpy as np

from . import simd
from .arena import scratch
from .chunks import bound, threads
from .gemm import KC, MC, SMALL, _block, _pack_a, _pack_columns, _pack_rows, _rows_of, gemm
from .host import lanes_of
from .jit import kernel
from .micro import COLUMNS, ROWS
from .team import team, unpack


@kernel
def _pack(b, ldb, transposed, K, n, padded, out):
    """Blocks of KC rows of op(b), each in panels of a tile's columns; ``padded`` is n up to whole panels."""
    width = COLUMNS * simd.lanes(out)
    for k in range(0, K, KC):
        kc, block = min(KC, K - k), simd.at(out, k * padded)
        if transposed:
            _pack_columns(simd.at(b, k), ldb, kc, n, width, block)
        else:
            _pack_rows(simd.at(b, k * ldb), ldb, kc, n, width, block)


@team
def _product(frame, like, part, parts):
    """Part number ``part`` of the columns of C."""
    a, lda, packed, padded, c, ldc, m, n, K, add, work, share = unpack(frame, like, "pipipiiiiipi")
    width = COLUMNS * simd.lanes(c)
    packed_a = simd.at(work, part * share)
    corner = simd.at(packed_a, MC * KC)
    j = bound(n, part, parts, width)
    columns = bound(n, part + 1, parts, width) - j
    for k in range(0, K, KC):
        kc = min(KC, K - k)
        panels = simd.at(packed, k * padded + j * kc)
        for i in range(0, m, MC):
            rows, target = min(MC, m - i), simd.at(c, i * ldc + j)
            _pack_a(simd.at(a, i * lda + k), lda, False, rows, kc, 1.0, packed_a)
            accumulate = add != 0 or k > 0
            _block(packed_a, panels, kc, rows, columns, width, target, ldc, target, ldc, accumulate, corner)


class Packed:
    """``op(B)``, to be multiplied by matrices of ``rows`` rows; valid until another one of the same ``name``."""

    def __init__(self, B: np.ndarray, transposed: bool, rows: int, name: str) -> None:
        self.B, self.transposed = B, transposed
        self.n, self.K = B.shape if transposed else B.shape[::-1]
        self.panels = None
        if rows * self.n * self.K > SMALL:
            tile = COLUMNS * lanes_of(B.itemsize)
            self.padded = -(-self.n // tile) * tile
            self.panels = scratch(B.dtype, self.padded * (self.K + ROWS * 4), name)
            b, ldb = _rows_of(B)
            _pack(b, ldb, transposed, self.K, self.n, self.padded, self.panels)

    def times(self, A: np.ndarray, C: np.ndarray, add: bool) -> None:
        """``C = A op(B)``, or with ``add`` ``C += A op(B)``; the rows of A and C are contiguous.

        Sums are in the same order for any number of threads.
        """
        m = len(A)
        if self.panels is None or m * self.n * self.K <= SMALL:
            gemm(C, A, self.B, False, self.transposed, 1.0, 1.0 if add else 0.0)
            return
        lda, ldc = A.strides[0] // A.itemsize, C.strides[0] // C.itemsize
        tile = COLUMNS * lanes_of(C.itemsize)
        parts = min(threads(m * self.n * self.K / 50), max(1, self.padded // tile))
        share = MC * KC + ROWS * KC + 16 * tile
        work = scratch(C.dtype, parts * share, "gemm")
        _product(C, parts, A, lda, self.panels, self.padded, C, ldc, m, self.n, self.K, int(add), work, share)
