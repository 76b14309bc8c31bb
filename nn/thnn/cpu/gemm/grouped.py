"""Several matrix products in one launch (a grouped GEMM), described by a table that is kept between calls.

Every thread takes a share of the columns of all products, or of their rows if there are more, in their order; so a
product may add to what an earlier one made, and no sum depends on the number of threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..runtime.blocking import PRODUCT_RATE
from ..runtime.isa import lanes_of
from ..runtime.parallel import parallel_region
from ..runtime.partition import ceil_div, threads
from ..runtime.records import Int, Pointer, Table, reader, word, words
from ..runtime.workspace import take
from ..simd import registers as simd
from .few_rows import SCRATCH, few_rows, is_few
from .gemm import pitch_of, product_range, scratch_of
from .microkernel import COLUMNS, ROWS
from .product import Product, part_of_product

_product_at = reader(Product)


@parallel_region
def _products(table: Table, count: Int, work: Pointer, share: Int, part, parts):
    work = simd.at(work, part * share)
    for row in range(count):
        p = part_of_product(_product_at(table, row, work), part, parts)
        if p.m > 0 and p.n > 0:
            product_range(p, work)


@parallel_region
def _few_products(table: Table, count: Int, work: Pointer, share: Int, part, parts):
    work = simd.at(work, part * share)
    for row in range(count):
        p = part_of_product(_product_at(table, row, work), part, parts)
        if p.m > 0 and p.n > 0:
            few_rows(p, work)


class Products:
    """A list of products ``C = alpha op(A) op(B) + bias``, or with ``more`` ``C += alpha op(A) op(B)``.

    All arrays have the dtype; rows of matrices are contiguous. :meth:`bind` exchanges an array for one of its shape.
    """

    def __init__(self, dtype: np.dtype) -> None:
        self.dtype = np.dtype(dtype)
        self.tile = COLUMNS * lanes_of(self.dtype.itemsize)
        self.table = np.empty((0, len(Product._fields)), np.int64)
        self.call: Any = None
        self.nanoseconds, self.columns, self.parts, self.few = 0.0, 0, 1, True

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
        p = Product(
            a=A, lda=pitch_of(A), ta=transA, b=B, ldb=pitch_of(B), tb=transB, c=C, ldc=pitch_of(C), m=m, n=n, K=K,
            alpha=1.0, add=more, bias=bias, has_bias=bias is not None,
        )  # fmt: skip
        self.table = np.vstack([self.table, words(p)])
        self.nanoseconds += m * n * K / PRODUCT_RATE
        self.few = self.few and is_few(m, K, transA, transB, self.dtype.itemsize)
        self.columns = max(self.columns, n)
        self.parts = max(self.parts, ceil_div(m, ROWS) if m > n else ceil_div(n, self.tile))

    def bind(self, rows: Any, **fields: Any) -> None:
        """Let some products use other arrays, or another ``alpha``, in the fields named."""
        for name, x in fields.items():
            self.table[rows, Product._fields.index(name)] = word(x)

    def __call__(self) -> None:
        """Compute them all."""
        parts = min(threads(self.nanoseconds), self.parts)
        share = SCRATCH if self.few else scratch_of(self.columns, self.dtype.itemsize)
        work = take("gemm", self.dtype, parts * share)
        if self.call is None:
            self.call = (_few_products if self.few else _products).bind(
                self.dtype, self.table, len(self.table), work, share
            )
        self.call.frame[:] = self.table.ctypes.data, len(self.table), work.ctypes.data, share
        self.call(parts)
