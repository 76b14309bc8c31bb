"""The sums of batch normalisation, in double precision and in one order for any number of threads.

Of a plane two elements of float32, or their products, are added as such before they are widened: as exact as they are
themselves. Columns of a matrix are added row by row, products rounded to float32.
"""

from __future__ import annotations

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from ..cpu.runtime.jit import inlined, inner
from ..cpu.simd import llvm
from ..cpu.simd import registers as simd
from ..cpu.simd.vector import Vector, pointer

#: Columns of a matrix that are done together, a multiple of the width of vectors.
BLOCK_COLUMNS = 256


def _doubles(v: llvm.Value) -> list[llvm.Value]:
    """A vector as vectors of doubles: the halves of float32."""
    if v.element == ir.DoubleType():
        return [v]
    count = max(1, v.lanes // 2)
    kind = llvm.vector_of(ir.DoubleType(), count)
    parts = (v.take(list(range(i, i + count))) for i in range(0, v.lanes, count))
    return [llvm.Value(v.builder, v.builder.fpext(part.ir, kind)) for part in parts]


@intrinsic
def widened(typing, v):
    """A vector of doubles: v itself, or the sum of its halves where they are float32."""
    lanes = v.lanes if v.dtype == types.float64 else max(1, v.lanes // 2)

    def generate(context, builder, sig, args):
        low, *high = _doubles(llvm.Value(builder, args[0]))
        return (low + high[0]).ir if high else low.ir

    return Vector(types.float64, lanes)(v), generate


@inner
def exact_difference(g, center, rest, term):
    """g - (center + rest) - term as if in twice the precision, whatever cancels: what g - center loses is added."""
    near = g - center
    back = near - g
    lost = (g - (near - back)) - (center + back) - rest
    return (near - term) + lost


@intrinsic
def add_product(typing, sums, index, a, b):
    """sums[index ...] += a b, in doubles"""

    def generate(context, builder, sig, args):
        a, b = (llvm.Value(builder, v) for v in args[2:])
        place = pointer(context, builder, sums, *args[:2])
        exact = a.element == ir.DoubleType()
        for k, part in enumerate(_doubles(a if exact else a * b)):
            address = builder.gep(place, [ir.Constant(llvm.INT64, k * part.lanes)])
            total = llvm.load(builder, address, part.lanes)
            llvm.store(builder, address, llvm.fma(a, b, total) if exact else total + part)
        return context.get_dummy_value()

    return types.void(sums, types.int64, a, b), generate


@intrinsic
def difference(typing, x, d, slope, centers, scales, index):
    """(x - centers - d slope) scales, centers and scales being doubles from an index on: in doubles but for d slope"""

    def generate(context, builder, sig, args):
        x, d, slope = (llvm.Value(builder, v) for v in args[:3])
        exact = x.element == ir.DoubleType()
        parts = []
        for k, (v, term) in enumerate(zip(_doubles(x), _doubles(-d if exact else d * slope))):
            at = builder.add(args[5], ir.Constant(llvm.INT64, k * v.lanes))
            center, scale = (
                llvm.load(builder, pointer(context, builder, sig.args[n], args[n], at), v.lanes) for n in (3, 4)
            )
            v = llvm.fma(term, slope, v - center) if exact else v - center - term
            parts.append(v * scale)
        return _narrowed(parts, x.type).ir

    return x(x, d, slope, centers, scales, types.int64), generate


def _narrowed(parts: list[llvm.Value], kind: ir.Type) -> llvm.Value:
    """The reverse of :func:`_doubles`."""
    if kind == parts[0].type:
        return parts[0]
    builder, element = parts[0].builder, llvm.vector_of(kind.element, parts[0].lanes)
    low, *high = (llvm.Value(builder, builder.fptrunc(part.ir, element)) for part in parts)
    return low.take(list(range(kind.count)), high[0]) if high else low


@inner
def plane_total(x, n):
    """The sum of n elements"""
    lanes = simd.lanes(x)
    a = b = widened(simd.splat(x, 0))
    whole = n - n % (4 * lanes)
    for i in range(0, whole, 4 * lanes):
        a += widened(simd.load(x, i) + simd.load(x, i + lanes))
        b += widened(simd.load(x, i + 2 * lanes) + simd.load(x, i + 3 * lanes))
    for i in range(whole, n, lanes):
        a += widened(simd.load_first(x, i, n - i))
    return simd.total(a + b)


@inner
def _square(x, i, mean):
    v = simd.load(x, i) - mean
    return v * v


@inner
def plane_squares(x, n, mean):
    """The sum of (x - mean)^2 over n elements"""
    lanes = simd.lanes(x)
    a = b = widened(simd.splat(x, 0))
    whole = n - n % (4 * lanes)
    for i in range(0, whole, 4 * lanes):
        a += widened(_square(x, i, mean) + _square(x, i + lanes, mean))
        b += widened(_square(x, i + 2 * lanes, mean) + _square(x, i + 3 * lanes, mean))
    for i in range(whole, n, lanes):
        v = simd.load_first(x, i, n - i) - mean
        a += widened(simd.select(simd.steps(v, 0) < n - i, v * v, 0))
    return simd.total(a + b)


@inner
def plane_products(x, y, n, mean):
    """The sums of y and of (x - mean) y over n elements"""
    lanes = simd.lanes(x)
    a = b = p = q = widened(simd.splat(x, 0))
    whole = n - n % (4 * lanes)
    for i in range(0, whole, 4 * lanes):
        u, v = simd.load(y, i), simd.load(y, i + lanes)
        a += widened(u + v)
        p += widened((simd.load(x, i) - mean) * u + (simd.load(x, i + lanes) - mean) * v)
        u, v = simd.load(y, i + 2 * lanes), simd.load(y, i + 3 * lanes)
        b += widened(u + v)
        q += widened((simd.load(x, i + 2 * lanes) - mean) * u + (simd.load(x, i + 3 * lanes) - mean) * v)
    for i in range(whole, n, lanes):
        u = simd.load_first(y, i, n - i)
        a += widened(u)
        p += widened(simd.select(simd.steps(u, 0) < n - i, (simd.load_first(x, i, n - i) - mean) * u, 0))
    return simd.total(a + b), simd.total(p + q)


@inlined
def four_rows(x, place, channels, n):
    """The first ``n`` elements of four rows from a place on."""
    a, b = simd.load_first(x, place, n), simd.load_first(x, place + channels, n)
    place += 2 * channels
    return a, b, simd.load_first(x, place, n), simd.load_first(x, place + channels, n)


@inlined
def _add_products(sums, i, xs, ys):
    """The products of four rows, one after the other: the sums are read and written once for all."""
    add_product(sums, i, xs[0], ys[0])
    add_product(sums, i, xs[1], ys[1])
    add_product(sums, i, xs[2], ys[2])
    add_product(sums, i, xs[3], ys[3])


@inner
def column_totals(x, low, channels, width, totals):
    """totals[i] += the sum of column low + i"""
    one, lanes = simd.splat(x, 1), simd.lanes(x)
    whole = x.size - x.size % (4 * channels)
    for row in range(low, whole, 4 * channels):
        for i in range(0, width, lanes):
            _add_products(totals, i, four_rows(x, row + i, channels, width - i), (one, one, one, one))
    for row in range(whole + low, x.size, channels):
        for i in range(0, width, lanes):
            add_product(totals, i, simd.load_first(x, row + i, width - i), one)


@inner
def column_squares(x, means, low, channels, width, squares):
    """squares[i] += the sum of (x - means[i])^2 over column low + i"""
    lanes = simd.lanes(x)
    whole = x.size - x.size % (4 * channels)
    for row in range(low, whole, 4 * channels):
        for i in range(0, width, lanes):
            (a, b, c, d), mean = four_rows(x, row + i, channels, width - i), simd.load(means, i)
            ds = a - mean, b - mean, c - mean, d - mean
            _add_products(squares, i, ds, ds)
    for row in range(whole + low, x.size, channels):
        for i in range(0, width, lanes):
            d = simd.load_first(x, row + i, width - i) - simd.load(means, i)
            add_product(squares, i, d, d)


@inner
def column_products(x, y, means, low, channels, width, totals, dots):
    """totals[i] += the sum of y, dots[i] += that of (x - means[i]) y, over column low + i"""
    one, lanes = simd.splat(x, 1), simd.lanes(x)
    whole = x.size - x.size % (4 * channels)
    for row in range(low, whole, 4 * channels):
        for i in range(0, width, lanes):
            (a, b, c, d), mean = four_rows(x, row + i, channels, width - i), simd.load(means, i)
            vs = four_rows(y, row + i, channels, width - i)
            _add_products(totals, i, vs, (one, one, one, one))
            _add_products(dots, i, (a - mean, b - mean, c - mean, d - mean), vs)
    for row in range(whole + low, x.size, channels):
        for i in range(0, width, lanes):
            v = simd.load_first(y, row + i, width - i)
            d = simd.load_first(x, row + i, width - i) - simd.load(means, i)
            add_product(totals, i, v, one)
            add_product(dots, i, d, v)
