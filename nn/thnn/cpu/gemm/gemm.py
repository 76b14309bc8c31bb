"""Matrix product ``C = alpha op(A) op(B) + beta C + bias`` of row-major matrices, float32 or float64, any size.

Large products are packed: panels of B, KC x (columns of a tile), and of A, (rows of a tile) x KC, are copied to scratch
in the order in which :mod:`microkernel` reads them. Threads share out the columns of C or, if there are more, its
rows; every element sums over k in the same order for any number of threads. Small products run on the matrices as
they lie.
"""

from __future__ import annotations

import numpy as np

from ..runtime.isa import lanes_of
from ..runtime.jit import inlined, inner, kernel
from ..runtime.parallel import team, unpack
from ..runtime.partition import bound, threads
from ..runtime.workspace import scratch
from ..simd import registers as simd
from .microkernel import COLUMNS, ROWS, by_columns, null
from .packing import pack_a, pack_columns, pack_rows

KC = 256
MC = 20 * ROWS
PANELS = 32
SMALL = 16_384

_tile = by_columns(ROWS, COLUMNS)


@inner
def _edge(tile, width, c, ldc, s, lds, add, m, n):
    """The first m x n of a tile in scratch, to c."""
    lanes = simd.lanes(c)
    for i in range(m):
        for j in range(0, n, lanes):
            count = min(lanes, n - j)
            v = simd.load(tile, i * width + j)
            if add:
                v += simd.load_first(s, i * lds + j, count)
            simd.store_first(c, i * ldc + j, v, count)


@inner
def macrokernel(packed_a, packed_b, kc, m, n, width, c, ldc, s, lds, add, corner):
    """A packed block of A times a packed block of B, tile by tile."""
    nothing = null(c)
    for j in range(0, n, width):
        panel = simd.at(packed_b, j * kc)
        for i in range(0, m, ROWS):
            a, target, source = simd.at(packed_a, i * kc), simd.at(c, i * ldc + j), simd.at(s, i * lds + j)
            if i + ROWS <= m and j + width <= n:
                _tile(a, 0, ROWS, panel, 0, width, target, ldc, source if add else nothing, lds, 1, kc)
            else:
                _tile(a, 0, ROWS, panel, 0, width, corner, width, nothing, 0, 1, kc)
                _edge(corner, width, target, ldc, source, lds, add, min(ROWS, m - i), min(width, n - j))


@inlined
def product_range(a, lda, ta, b, ldb, tb, c, ldc, m, n, K, alpha, add, bias, has_bias, work):
    """One thread's part: m x n elements of C from the pointers on."""
    width = COLUMNS * simd.lanes(c)
    nc = min(PANELS * width, -(-n // width) * width)
    packed_a = simd.at(work, 0)
    packed_b = simd.at(work, MC * KC)
    corner = simd.at(work, MC * KC + nc * KC)
    for j in range(0, n, nc):
        columns = min(nc, n - j)
        for k in range(0, K, KC):
            kc = min(KC, K - k)
            if tb:
                pack_columns(simd.at(b, j * ldb + k), ldb, kc, columns, width, packed_b)
            else:
                pack_rows(simd.at(b, k * ldb + j), ldb, kc, columns, width, packed_b)
            for i in range(0, m, MC):
                rows = min(MC, m - i)
                pack_a(simd.at(a, k * lda + i if ta else i * lda + k), lda, ta, rows, kc, alpha, packed_a)
                target = simd.at(c, i * ldc + j)
                first = k == 0 and has_bias
                source, lds = (simd.at(bias, j), 0) if first else (target, ldc)
                accumulate = first or add or k > 0
                macrokernel(packed_a, packed_b, kc, rows, columns, width, target, ldc, source, lds, accumulate, corner)


@team
def _product(frame, like, part, parts):
    """Part number ``part`` of the columns of C, or of its rows if there are more."""
    args = unpack(frame, like, "piipiipiiiifipipi")
    a, lda, ta, b, ldb, tb, c, ldc, m, n, K, alpha, add, bias, has_bias, work, share = args
    if n >= m:
        j = bound(n, part, parts, COLUMNS * simd.lanes(c))
        n = bound(n, part + 1, parts, COLUMNS * simd.lanes(c)) - j
        b = simd.at(b, j * ldb if tb else j)
        c = simd.at(c, j)
        bias = simd.at(bias, j)
    else:
        i = bound(m, part, parts, ROWS)
        m = bound(m, part + 1, parts, ROWS) - i
        a = simd.at(a, i if ta else i * lda)
        c = simd.at(c, i * ldc)
    product_range(a, lda, ta, b, ldb, tb, c, ldc, m, n, K, alpha, add, bias, has_bias, simd.at(work, part * share))


@kernel
def _small(a, lda, ta, b, ldb, tb, c, ldc, m, n, K, alpha, beta, bias, has_bias):
    """The product as its formula says, vectors along the rows of B."""
    lanes = simd.lanes(c)
    row, column = (1, lda) if ta else (lda, 1)
    for i in range(m):
        for j in range(0, n, lanes):
            count = min(lanes, n - j)
            total = simd.splat(c, 0)
            for k in range(K):
                total = simd.fma(simd.load_first(b, k * ldb + j, count), simd.get(a, i * row + k * column), total)
            total *= alpha
            if beta != 0:
                total = simd.fma(simd.load_first(c, i * ldc + j, count), beta, total)
            if has_bias:
                total += simd.load_first(bias, j, count)
            simd.store_first(c, i * ldc + j, total, count)


@kernel
def _small_dots(a, lda, b, ldb, c, ldc, m, n, K, alpha, beta, bias, has_bias):
    """C = alpha A B^T + beta C + bias, vectors along the sum."""
    lanes = simd.lanes(c)
    for i in range(m):
        for j in range(n):
            total = simd.splat(c, 0)
            for k in range(0, K, lanes):
                count = min(lanes, K - k)
                u, v = simd.load_first(a, i * lda + k, count), simd.load_first(b, j * ldb + k, count)
                total = simd.fma(u, v, total)
            value = simd.total(total) * alpha
            if beta != 0:
                value += simd.get(c, i * ldc + j) * beta
            if has_bias:
                value += simd.get(bias, j)
            simd.put(c, i * ldc + j, value)


def rows_of(x: np.ndarray) -> tuple[np.ndarray, int]:
    """A matrix as a vector of its memory, and the distance of its rows."""
    if x.flags.c_contiguous:
        return x.reshape(-1), x.shape[1]
    item = x.itemsize
    if x.strides[1] != item or x.strides[0] < item * x.shape[1] or x.strides[0] % item:
        raise ValueError(f"rows of a matrix must be contiguous, got strides {x.strides} of {item}-byte elements")
    step = x.strides[0] // item
    return np.lib.stride_tricks.as_strided(x, ((x.shape[0] - 1) * step + x.shape[1],), (item,)), step


def gemm(
    C: np.ndarray,
    A: np.ndarray,
    B: np.ndarray,
    transA: bool = False,
    transB: bool = False,
    alpha: float = 1.0,
    beta: float = 0.0,
    bias: np.ndarray | None = None,
) -> None:
    """``C = alpha op(A) op(B) + beta C + bias``, with op the transpose where asked and bias added to every row.

    A, B and C are matrices of one dtype, float32 or float64, with contiguous rows; with ``beta = 0`` the old C is not
    read.
    """
    m, n = C.shape
    K = A.shape[0 if transA else 1]
    (a, lda), (b, ldb), (c, ldc) = rows_of(A), rows_of(B), rows_of(C)
    has_bias, row = bias is not None, c if bias is None else bias
    alpha, beta = float(alpha), float(beta)
    if not m * n:
        return
    if m * n * K <= SMALL and not (transA and transB):
        if transB:
            _small_dots(a, lda, b, ldb, c, ldc, m, n, K, alpha, beta, row, has_bias)
        else:
            _small(a, lda, transA, b, ldb, False, c, ldc, m, n, K, alpha, beta, row, has_bias)
        return
    if not K or beta not in (0.0, 1.0) or (beta and has_bias):
        C[...] = C * C.dtype.type(beta) if beta else 0
        if has_bias:
            C += bias
        has_bias, beta = False, 1.0
    tile = COLUMNS * lanes_of(C.itemsize)
    parts = min(threads(m * n * K / 50), -(-n // tile) if n >= m else -(-m // ROWS))
    per_part = MC * KC + (min(PANELS * tile, -(-n // tile) * tile) + ROWS) * KC + 16 * tile
    if not K:
        return
    work = scratch(C.dtype, parts * per_part, "gemm")[: parts * per_part]
    _product(C, parts, a, lda, transA, b, ldb, transB, c, ldc, m, n, K, alpha, beta == 1, row, has_bias, work, per_part)
