"""Matrix product ``C = alpha op(A) op(B) + beta C + bias`` of row-major matrices, float32 or float64, any size.

Large products are packed: panels of B, KC x (columns of a tile), and of A, (rows of a tile) x KC, are copied to scratch
in the order in which :mod:`microkernel` reads them. Threads share out the columns of C or, if there are more, its
rows; every element sums over k in the same order for any number of threads. Small products, and those of
:mod:`few_rows`, run on the matrices as they lie. Sources: K. Goto, R. van de Geijn, Anatomy of high-performance matrix
multiplication, 2008; F. Van Zee, R. van de Geijn, BLIS: a framework for rapidly instantiating BLAS functionality, 2015,
whose names are used.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..runtime.blocking import PRODUCT_RATE
from ..runtime.isa import lanes_of
from ..runtime.jit import inlined, inner, kernel
from ..runtime.parallel import Region, parallel_region
from ..runtime.partition import LAUNCH, aligned, ceil_div, threads
from ..runtime.records import Int, Pointer
from ..runtime.workspace import take
from ..simd import registers as simd
from .few_products import FEW
from .few_rows import MEMORY_RATE, SCRATCH, is_few
from .macrokernel import Block, Target, macrokernel, macrokernel_by_columns, macrokernel_by_rows
from .microkernel import COLUMNS, ROWS
from .packing import pack_a
from .product import Product, part_of_product
from .sharing import by_columns_of

#: Depth of a packed block: a panel of A and one of B, 256 x (ROWS + columns) floats, stay in the first cache.
KC = 256
#: The last block is so deep, rather than that a short one follows, which would read and write C once more.
LAST = KC + KC // 4
#: Rows of a packed block of A: 160 x 256 floats are 160 KB with AVX-512, a share of the second cache.
MC = 20 * ROWS
#: Panels of a packed block of B: 32 x 32 columns x 256 floats are 1 MB, in the second or third cache.
PANELS = 32
#: Writing an element of C takes as long as so many multiplications for it.
WRITING = 8
#: A product of up to so many multiplications is not worth packing.
SMALL = 16_384


@inlined
def _multiply(block, target, corner, b, ldb, transposed):
    """The product of a block; the one of B is packed before where ``ldb`` is 0, else on the way."""
    if ldb == 0:
        macrokernel(block, target, corner)
    elif transposed:
        macrokernel_by_columns(b, ldb, block, target, corner)
    else:
        macrokernel_by_rows(b, ldb, block, target, corner)


@inlined
def product_range(p, work):
    """The product ``p`` by one thread; ``work`` is its scratch, of :func:`scratch_of` elements."""
    width = COLUMNS * simd.lanes(p.c)
    nc = min(PANELS * width, (p.n + width - 1) // width * width)
    packed_a, packed_b = simd.at(work, 0), simd.at(work, MC * LAST)
    corner = simd.at(work, (MC + nc) * LAST)
    for j in range(0, p.n, nc):
        columns, k = min(nc, p.n - j), 0
        while k < p.K:
            kc = KC if p.K - k > LAST else p.K - k
            b = simd.at(p.b, j * p.ldb + k if p.tb else k * p.ldb + j)
            for i in range(0, p.m, MC):
                rows = min(MC, p.m - i)
                pack_a(simd.at(p.a, k * p.lda + i if p.ta else i * p.lda + k), p.lda, p.ta, rows, kc, p.alpha, packed_a)
                c, first = simd.at(p.c, i * p.ldc + j), k == 0 and p.has_bias
                start, lds = (simd.at(p.bias, j), 0) if first else (c, p.ldc)
                target = Target(c, p.ldc, start, lds, first or p.add or k > 0)
                block = Block(packed_a, packed_b, kc, rows, columns, kc if p.m > MC else 0)
                _multiply(block, target, corner, b, p.ldb if i == 0 else 0, p.tb)
            k += kc


def scratch_of(n: int, itemsize: int) -> int:
    """Elements of scratch for a thread that makes n columns: the packed blocks, and a tile."""
    tile = COLUMNS * lanes_of(itemsize)
    return (MC + min(PANELS * tile, ceil_div(n, tile) * tile) + ROWS) * LAST + 16 * tile


@parallel_region
def packed_product(p: Product, work: Pointer, share: Int, part, parts):
    product_range(part_of_product(p, part, parts), simd.at(work, part * share))


@kernel
def _small(a, b, c, ta, alpha, beta, bias):
    """The product as its formula says, vectors along the rows of B."""
    (m, n), lanes, K = c.shape, simd.lanes(c), b.shape[0]
    lda, ldb, ldc = pitch(a), pitch(b), pitch(c)
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
            if bias is not None:
                total += simd.load_first(bias, j, count)
            simd.store_first(c, i * ldc + j, total, count)


@kernel
def _small_dots(a, b, c, alpha, beta, bias):
    """C = alpha A B^T + beta C + bias, vectors along the sum."""
    (m, n), lanes, K = c.shape, simd.lanes(c), a.shape[1]
    lda, ldb, ldc = pitch(a), pitch(b), pitch(c)
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
            if bias is not None:
                value += simd.get(bias, j)
            simd.put(c, i * ldc + j, value)


@inner
def pitch(x):
    """Elements from a row of a matrix to the next."""
    return x.strides[0] // x.itemsize


def pitch_of(x: np.ndarray) -> int:
    """Elements from a row of a matrix to the next; ``ValueError`` unless its rows are contiguous."""
    if x.flags.c_contiguous:
        return x.shape[1]
    item = x.itemsize
    if x.strides[1] != item or x.strides[0] < item * x.shape[1] or x.strides[0] % item:
        raise ValueError(f"rows of a matrix must be contiguous, got strides {x.strides} of {item}-byte elements")
    return x.strides[0] // item


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
    if not m * n:
        return
    lda = A.shape[1] if A.flags.c_contiguous else pitch_of(A)
    ldb = B.shape[1] if B.flags.c_contiguous else pitch_of(B)
    ldc = n if C.flags.c_contiguous else pitch_of(C)
    alpha, beta = float(alpha), float(beta)
    if m * n * K <= SMALL and not (transA and transB):
        if transB:
            _small_dots(A, B, C, alpha, beta, bias)
        else:
            _small(A, B, C, transA, alpha, beta, bias)
        return
    if not K or beta not in (0.0, 1.0) or (beta and bias is not None):
        C[...] = C * C.dtype.type(beta) if beta else 0
        if bias is not None:
            C += bias
        bias, beta = None, 1.0
    if not K:
        return
    region, nanoseconds, most, share = _schedule(m, n, K, C.itemsize, transA, transB)
    parts = 1 if nanoseconds < LAUNCH else min(threads(nanoseconds), most)
    has_bias, row, work = bias is not None, C if bias is None else bias, take("gemm", C.dtype, parts * share)
    if region is not packed_product and parts == 1 and lda == A.shape[1] and ldb == B.shape[1] and ldc == n:
        FEW[transA, transB].alone(A, B, C, (alpha, int(beta == 1), int(has_bias)), row, work)
        return
    product = Product(A, lda, transA, B, ldb, transB, C, ldc, m, n, K, alpha, beta == 1, row, has_bias)
    region(parts, product, work, share)


@lru_cache(maxsize=256)
def _schedule(m: int, n: int, K: int, itemsize: int, transA: bool, transB: bool) -> tuple[Region, float, int, int]:
    """How to compute a product: nanoseconds of one thread, the most threads that get a tile, scratch for each."""
    tiles = ceil_div(n, COLUMNS * lanes_of(itemsize)) if by_columns_of(m, n, transA) else ceil_div(m, ROWS)
    if is_few(m, K, transA, transB, itemsize):
        nanoseconds = max(m * n * K / PRODUCT_RATE, m * n * K / min(m, K) / MEMORY_RATE)
        return FEW[transA, transB].region, nanoseconds, tiles, SCRATCH
    rows, columns = aligned(m, ROWS), aligned(n, lanes_of(itemsize))
    return packed_product, rows * columns * (K + WRITING) / PRODUCT_RATE, tiles, scratch_of(n, itemsize)
