"""The record of a matrix product, and what a thread makes of it."""

from __future__ import annotations

from typing import NamedTuple

from ..runtime.jit import inner
from ..runtime.partition import bound
from ..runtime.records import Float, Int, Pointer
from ..simd import registers as simd
from .microkernel import ROWS
from .sharing import by_columns_of


class Product(NamedTuple):
    """``C = alpha op(A) op(B) + bias``, or with ``add`` ``C += alpha op(A) op(B)``.

    C is m x n, the sum is over K; op is the transpose where ``ta`` or ``tb``; ``lda``, ``ldb``, ``ldc`` are the
    elements from a row to the next.
    """

    a: Pointer
    lda: Int
    ta: Int
    b: Pointer
    ldb: Int
    tb: Int
    c: Pointer
    ldc: Int
    m: Int
    n: Int
    K: Int
    alpha: Float
    add: Int
    bias: Pointer
    has_bias: Int


@inner
def part_of_product(p, part, parts):
    """Part number ``part`` of the columns of C, or of its rows."""
    a, b, c, m, n, bias = p.a, p.b, p.c, p.m, p.n, p.bias
    if by_columns_of(m, n, p.ta):
        j = bound(n, part, parts, simd.lanes(c))
        n = bound(n, part + 1, parts, simd.lanes(c)) - j
        b, c, bias = simd.at(b, j * p.ldb if p.tb else j), simd.at(c, j), simd.at(bias, j)
    else:
        i = bound(m, part, parts, ROWS)
        m = bound(m, part + 1, parts, ROWS) - i
        a, c = simd.at(a, i if p.ta else i * p.lda), simd.at(c, i * p.ldc)
    return Product(a, p.lda, p.ta, b, p.ldb, p.tb, c, p.ldc, m, n, p.K, p.alpha, p.add, bias, p.has_bias)
