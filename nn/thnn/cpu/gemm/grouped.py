"""Several matrix products in one launch, described by tables that are kept between calls.

Every thread takes a share of the columns of all products, or of their rows if there are more, in their order; so a
product may add to what an earlier one made, and no sum depends on the number of threads.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np

from ..runtime.isa import lanes_of
from ..runtime.parallel import Team, alone, launch, team, unpack
from ..runtime.partition import bound, threads
from ..runtime.workspace import scratch
from ..simd import registers as simd
from .gemm import KC, MC, PANELS, ROWS, product_range, rows_of
from .microkernel import COLUMNS


def word(x: Any) -> int:
    """What stands in a frame: the address of an array (0 for None), the bits of a float, an integer."""
    if isinstance(x, np.ndarray):
        return x.ctypes.data
    if isinstance(x, float):
        return struct.unpack("q", struct.pack("d", x))[0]
    return 0 if x is None else int(x)


def frame(*values: Any) -> np.ndarray:
    """A frame for :func:`run`; whoever keeps it keeps its arrays."""
    return np.array([word(x) for x in values], np.int64)


def run(body: Team, dtype: np.dtype, frame: np.ndarray, parts: int = 1) -> None:
    """Run a team on a frame made before."""
    address = (body.compiled.get(dtype) or body._compile(dtype)).address
    if parts == 1:
        alone(address, frame)
    else:
        launch(address, frame, parts)


@team
def _products(frame, like, part, parts):
    table, count, work, share = unpack(frame, like, "tipi")
    work, width = simd.at(work, part * share), COLUMNS * simd.lanes(like)
    for row in range(count):
        args = unpack(simd.at(table, row * 15), like, "piipiipiiiifipi")
        a, lda, ta, b, ldb, tb, c, ldc, m, n, K, alpha, add, bias, has_bias = args
        if m > n:
            i = bound(m, part, parts, ROWS)
            m = bound(m, part + 1, parts, ROWS) - i
            a, c = simd.at(a, i if ta else i * lda), simd.at(c, i * ldc)
        else:
            j = bound(n, part, parts, width)
            n = bound(n, part + 1, parts, width) - j
            b, c, bias = simd.at(b, j * ldb if tb else j), simd.at(c, j), simd.at(bias, j)
        if m > 0 and n > 0:
            product_range(a, lda, ta, b, ldb, tb, c, ldc, m, n, K, alpha, add, bias, has_bias, work)


class Products:
    """A list of products ``C = alpha op(A) op(B) + bias``, or with ``more`` ``C += alpha op(A) op(B)``.

    All arrays have the dtype; rows of matrices are contiguous. :meth:`point` exchanges an array for one of its shape.
    """

    A, B, C, ALPHA, BIAS = 0, 3, 6, 11, 13

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = np.dtype(dtype)
        self.tile = COLUMNS * lanes_of(self.dtype.itemsize)
        self.table = np.empty((0, 15), np.int64)
        self.frame = np.zeros(4, np.int64)
        self.nanoseconds, self.columns, self.parts = 0.0, 0, 1

    def add(
        self,
        C: np.ndarray,
        A: np.ndarray,
        B: np.ndarray,
        transA: bool = False,
        transB: bool = False,
        more: bool = False,
        bias: np.ndarray | None = None,
    ) -> None:
        """Append a product."""
        m, n = C.shape
        K = A.shape[0 if transA else 1]
        (_, lda), (_, ldb), (_, ldc) = rows_of(A), rows_of(B), rows_of(C)
        row = frame(A, lda, transA, B, ldb, transB, C, ldc, m, n, K, 1.0, more, bias, bias is not None)
        self.table = np.vstack([self.table, row])
        self.nanoseconds += m * n * K / 50
        self.columns = max(self.columns, n)
        self.parts = max(self.parts, -(-m // ROWS) if m > n else -(-n // self.tile))

    def point(self, rows: Any, operand: int, x: Any) -> None:
        """Let some rows use another array, or another alpha, at ``A``, ``B``, ``C``, ``BIAS`` or ``ALPHA``."""
        self.table[rows, operand] = word(x)

    def __call__(self) -> None:
        """Compute them all."""
        parts = min(threads(self.nanoseconds), self.parts)
        share = MC * KC + (min(PANELS * self.tile, self.columns + self.tile) + ROWS) * KC + 16 * self.tile
        work = scratch(self.dtype, parts * share, "gemm")
        self.frame[:] = self.table.ctypes.data, len(self.table), work.ctypes.data, share
        run(_products, self.dtype, self.frame, parts)
