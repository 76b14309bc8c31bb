"""Products of few rows, or of few terms, which meet their large matrix once, as it lies.

In a batch of few rows packing the other matrix would cost more than the product. Three forms do without: dot
products of rows (forward), sums of rows (the input's gradient), and what a few pairs of rows add to a matrix (the
weight's gradient). The sum of an element does not depend on the number of threads.
"""

from __future__ import annotations

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from ..runtime.blocking import BLOCKING
from ..runtime.isa import lanes_of
from ..runtime.jit import compact, inlined, inner
from ..simd import llvm
from ..simd import registers as simd
from ..simd.llvm import INT64, Value
from ..simd.vector import vector_type
from .microkernel import Address, Loop, by_columns, null, store_tile

#: So few rows of dot products, bytes of a column of sums, or terms, are not worth packing the other matrix, as measured
#: for 64 to 2048 columns: dot products read it once in tiles, sums read C again and again.
ROWS_OF_DOTS, BYTES_OF_SUMS, TERMS_OF_C = 32, 80, 8
#: Rows of A in a tile, and of B, or vectors of C: their sums fill half of the registers.
HEIGHT, WIDTH = max(1, BLOCKING.rows // 2), 4
#: Rows of B that are added at a time.
TERMS = 4
#: Elements that one thread reads in a nanosecond, from the second or third cache.
MEMORY_RATE = 8
#: Bytes of a row that are summed before the next ones: eight such rows take half of the first cache.
STRIP = 2048
#: Rows of C whose terms are copied to scratch together, and the elements of it.
ROWS_OF_C = 2048
SCRATCH = TERMS_OF_C * ROWS_OF_C


def is_few(m: int, K: int, transA: bool, transB: bool, itemsize: int) -> bool:
    """Whether :func:`few_rows` makes a product of m rows and K terms: forms and sizes it is made for."""
    if transA:
        return not transB and K <= TERMS_OF_C
    return m <= ROWS_OF_DOTS and lanes_of(itemsize) <= K if transB else m * itemsize <= BYTES_OF_SUMS


def _dots(rows: int, columns: int):
    """``c[i][j] = alpha a[i] . b[j] + start[i][j]`` for a tile of rows of A and B, of K elements, at least a vector.

    ``strides`` are the elements from a row to the next of a, b, c and start, which may be null.
    """

    @intrinsic
    def tile(typing, a, b, c, start, strides, K, alpha):
        lanes, i = vector_type(b).lanes, types.int64

        def generate(context, builder, sig, args):
            a, b, c, start, strides, K, alpha = args
            lda, ldb, ldc, lds = cgutils.unpack_tuple(builder, strides)
            at, width = Address(builder), ir.Constant(INT64, lanes)
            pointers = [at.move(a, lda, n) for n in range(rows)] + [at.move(b, ldb, n) for n in range(columns)]
            zero = llvm.constant(llvm.vector_of(b.type.pointee, lanes), 0)
            loop = Loop(builder, builder.sdiv(K, width), [zero] * (rows * columns), "dots")
            place = builder.mul(loop.index, width)
            total = _fma_all([llvm.load(builder, at.move(p, place), lanes) for p in pointers], rows, loop.vectors)
            loop.close(total)
            rest = builder.srem(K, width)
            place = builder.sub(K, rest)
            last = [llvm.load_first(builder, at.move(p, place), lanes, rest) for p in pointers]
            factor = Value(builder, context.cast(builder, alpha, types.float64, sig.args[0].dtype))
            sums = [llvm.fold(Value(builder, t)) * factor for t in _fma_all(last, rows, total)]
            side_by_side = [_joined(sums[n : n + columns]) for n in range(0, len(sums), columns)]
            store_tile(builder, at, side_by_side, 1, c, ldc, start, lds)
            return context.get_dummy_value()

        return types.void(a, b, c, start, types.UniTuple(i, 4), i, types.float64), generate

    return tile


def _fma_all(vectors: list[Value], rows: int, totals: list[ir.Value]) -> list[ir.Value]:
    """The sums, with the products of each of the first ``rows`` vectors and each of the others added."""
    pairs = [(a, b) for a in vectors[:rows] for b in vectors[rows:]]
    return [llvm.fma(a, b, Value(a.builder, total)).ir for (a, b), total in zip(pairs, totals)]


def _joined(numbers: list[Value]) -> Value:
    """Numbers as a vector; one stays a number."""
    if len(numbers) == 1:
        return numbers[0]
    builder = numbers[0].builder
    vector = ir.Constant(llvm.vector_of(numbers[0].type, len(numbers)), ir.Undefined)
    for n, x in enumerate(numbers):
        vector = builder.insert_element(vector, x.ir, ir.Constant(ir.IntType(32), n))
    return Value(builder, vector)


_tile, _row, _one = _dots(HEIGHT, WIDTH), _dots(1, WIDTH), _dots(1, 1)


@inner
def _dot_columns(p, j, count, start, lds):
    """``count`` columns of C from j on, WIDTH or one."""
    i, b = 0, simd.at(p.b, j * p.ldb)
    while i < p.m:
        a, c, s = simd.at(p.a, i * p.lda), simd.at(p.c, i * p.ldc + j), simd.at(start, i * lds + j)
        s, strides = s if p.add or p.has_bias else null(p.c), (p.lda, p.ldb, p.ldc, lds)
        if count == 1:
            _one(a, b, c, s, strides, p.K, p.alpha)
            i += 1
        elif i + HEIGHT <= p.m:
            _tile(a, b, c, s, strides, p.K, p.alpha)
            i += HEIGHT
        else:
            _row(a, b, c, s, strides, p.K, p.alpha)
            i += 1


@inner
@compact
def dots_of_rows(p, work):
    """C = alpha A B^T + start"""
    start, lds = (p.bias, 0) if p.has_bias else (p.c, p.ldc)
    whole = p.n - p.n % WIDTH
    for j in range(0, whole, WIDTH):
        _dot_columns(p, j, WIDTH, start, lds)
    for j in range(whole, p.n):
        _dot_columns(p, j, 1, start, lds)


def _update(rows: int, terms: int):
    """``c[i] += sum over t < terms of factor a[i][t] b[t]``, for so many rows i, of n elements: whole vectors.

    ``strides`` are the elements from a row to the next of a, b and c.
    """

    @intrinsic
    def update(typing, a, b, c, strides, factor, n):
        lanes, i = vector_type(b).lanes, types.int64

        def generate(context, builder, sig, args):
            a, b, c, strides, factor, n = args
            lda, ldb, ldc = cgutils.unpack_tuple(builder, strides)
            at, width = Address(builder), ir.Constant(INT64, lanes)
            factor = Value(builder, context.cast(builder, factor, types.float64, sig.args[0].dtype))
            places = [at.move(at.move(a, lda, m), t) for m in range(rows) for t in range(terms)]
            spread = [llvm.splat(llvm.load(builder, p, 0) * factor, lanes) for p in places]
            loop = Loop(builder, builder.sdiv(n, width), [], "columns")
            j = builder.mul(loop.index, width)
            vectors = [llvm.load(builder, at.move(at.move(b, ldb, t), j), lanes) for t in range(terms)]
            for m in range(rows):
                target = at.move(at.move(c, ldc, m), j)
                total = llvm.load(builder, target, lanes)
                for t in range(terms):
                    total = llvm.fma(spread[m * terms + t], vectors[t], total)
                llvm.store(builder, target, total)
            loop.close([])
            return context.get_dummy_value()

        return types.void(a, b, c, types.UniTuple(i, 3), types.float64, i), generate

    return update


_update_tile, _update_row, _update_one = _update(HEIGHT, TERMS), _update(1, TERMS), _update(1, 1)


@inner
def add_rows(a, terms, factor, b, ldb, c, n):
    """``c += sum of factor a[t] b[t]``, of n elements, one after the other"""
    whole, t = n - n % simd.lanes(c), 0
    while t < terms and whole > 0:
        if t + TERMS <= terms:
            _update_row(simd.at(a, t), simd.at(b, t * ldb), c, (0, ldb, 0), factor, whole)
            t += TERMS
        else:
            _update_one(simd.at(a, t), simd.at(b, t * ldb), c, (0, ldb, 0), factor, whole)
            t += 1
    if whole < n:
        total = simd.load_first(c, whole, n - whole)
        for t in range(terms):
            total = simd.fma(simd.load_first(b, t * ldb + whole, n - whole), simd.get(a, t) * factor, total)
        simd.store_first(c, whole, total, n - whole)


@inner
def _begin_rows(p):
    """C = bias or 0"""
    lanes = simd.lanes(p.c)
    for i in range(p.m):
        for j in range(0, p.n, lanes):
            x = simd.load_first(p.bias, j, p.n - j) if p.has_bias else simd.splat(p.c, 0)
            simd.store_first(p.c, i * p.ldc + j, x, p.n - j)


@inlined
def _add_terms(p, j, n, k, terms):
    """C += alpha A B for ``n`` columns from j on and a few terms from k on."""
    i, whole, b = 0, n - n % simd.lanes(p.c), simd.at(p.b, k * p.ldb + j)
    while i < p.m:
        a, c = simd.at(p.a, i * p.lda + k), simd.at(p.c, i * p.ldc + j)
        if i + HEIGHT <= p.m and terms == TERMS and whole == n:
            _update_tile(a, b, c, (p.lda, p.ldb, p.ldc), p.alpha, n)
            i += HEIGHT
        else:
            add_rows(a, terms, p.alpha, b, p.ldb, c, n)
            i += 1


@inner
def sums_of_rows(p, work):
    """C = start + alpha A B, a few rows of B after the other"""
    if not p.add:
        _begin_rows(p)
    strip = STRIP // 64 * simd.lanes(p.c)
    for j in range(0, p.n, strip):
        for k in range(0, p.K, TERMS):
            _add_terms(p, j, min(strip, p.n - j), k, min(TERMS, p.K - k))


_outer, _outer_row = by_columns(HEIGHT, 2), by_columns(1, 2)


@inner
def _outer_edge(p, a, row, j, start):
    """The columns of a row of C from j on."""
    for at in range(j, p.n, simd.lanes(p.c)):
        total = simd.splat(p.c, 0)
        for k in range(p.K):
            total = simd.fma(simd.load_first(p.b, k * p.ldb + at, p.n - at), simd.get(a, k * ROWS_OF_C), total)
        if p.add or p.has_bias:
            total += simd.load_first(start, at, p.n - at)
        simd.store_first(p.c, row * p.ldc + at, total, p.n - at)


@inner
def _outer_rows(p, a, row, height):
    """``height`` rows of C from ``row`` on, HEIGHT or one; their terms ``a[k][i]`` have rows of ROWS_OF_C."""
    start, lds = (p.bias, 0) if p.has_bias else (simd.at(p.c, row * p.ldc), p.ldc)
    width = 2 * simd.lanes(p.c)
    whole = p.n - p.n % width
    for j in range(0, whole, width):
        b, c = simd.at(p.b, j), simd.at(p.c, row * p.ldc + j)
        s = simd.at(start, j) if p.add or p.has_bias else null(p.c)
        if height == 1:
            _outer_row(a, 0, ROWS_OF_C, b, 0, p.ldb, c, p.ldc, s, lds, 1, p.K)
        else:
            _outer(a, 0, ROWS_OF_C, b, 0, p.ldb, c, p.ldc, s, lds, 1, p.K)
    if whole < p.n:
        for i in range(height):
            _outer_edge(p, simd.at(a, i), row + i, whole, simd.at(start, i * lds))


@inner
def outer_sums(p, work):
    """C = start + alpha A^T B"""
    for first in range(0, p.m, ROWS_OF_C):
        rows, i = min(ROWS_OF_C, p.m - first), 0
        for k in range(p.K):
            for r in range(rows):
                simd.put(work, k * ROWS_OF_C + r, simd.get(p.a, k * p.lda + first + r) * p.alpha)
        while i < rows:
            height = HEIGHT if i + HEIGHT <= rows else 1
            _outer_rows(p, simd.at(work, i), first + i, height)
            i += height


@inner
def few_rows(p, work):
    """The product ``p``, for which :func:`is_few` holds, by one thread; ``work`` is scratch of SCRATCH elements."""
    if p.ta:
        outer_sums(p, work)
    elif p.tb:
        dots_of_rows(p, work)
    else:
        sums_of_rows(p, work)
