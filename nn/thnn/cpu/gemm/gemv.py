"""A matrix and one vector: rows times it, sums of rows, outer products; the matrix is read once, as it lies."""

from __future__ import annotations

from ..runtime.jit import inner, kernel
from ..simd import registers as simd
from .few_rows import STRIP, add_rows


@inner
def dot(x, row, n):
    """x . row"""
    width = simd.lanes(x)
    even, odd = simd.splat(x, 0), simd.splat(x, 0)
    i = 0
    while i + 2 * width <= n:
        even = simd.fma(simd.load(row, i), simd.load(x, i), even)
        odd = simd.fma(simd.load(row, i + width), simd.load(x, i + width), odd)
        i += 2 * width
    while i < n:
        even = simd.fma(simd.load_first(row, i, n - i), simd.load_first(x, i, n - i), even)
        i += width
    return simd.total(even + odd)


@inner
def rows_times(x, n, weight, bias, has_bias, y, first, last):
    """y[o] = weight[o] . x + bias[o]"""
    for o in range(first, last):
        total = dot(x, simd.at(weight, o * n), n)
        simd.put(y, o, total + simd.get(bias, o) if has_bias else total)


@inner
def sum_of_rows(g, m, weight, n, dx, first, last):
    """dx[i] = sum over o of g[o] weight[o][i], for i from first to last"""
    width = simd.lanes(g)
    for i in range(first, last, width):
        simd.store_first(dx, i, simd.splat(g, 0), last - i)
    strip = STRIP // 64 * width
    for i in range(first, last, strip):
        add_rows(g, m, 1.0, simd.at(weight, i), n, simd.at(dx, i), min(strip, last - i))


@inner
def add_outer(x, n, g, dweight, scale, first, last):
    """dweight[o] += scale g[o] x"""
    width = simd.lanes(x)
    whole = n - n % width
    for o in range(first, last):
        s = simd.splat(x, simd.get(g, o)) * scale
        row = simd.at(dweight, o * n)
        for i in range(0, whole, width):
            simd.store(row, i, simd.fma(simd.load(x, i), s, simd.load(row, i)))
        if whole < n:
            v = simd.fma(simd.load_first(x, whole, n - whole), s, simd.load_first(row, whole, n - whole))
            simd.store_first(row, whole, v, n - whole)


@inner
def add_multiple(y, x, scale, first, last):
    """y[o] += scale x[o]"""
    for o in range(first, last):
        simd.put(y, o, simd.get(y, o) + simd.get(x, o) * scale)


@inner
def _add_column(g, rows, n, j, scale, dbias):
    """dbias[j] += scale * sum over i of g[i][j], for a vector of columns or what is left of one"""
    total = simd.splat(g, 0)
    for i in range(rows):
        total += simd.load_first(g, i * n + j, n - j)
    simd.store_first(dbias, j, simd.fma(total, scale, simd.load_first(dbias, j, n - j)), n - j)


@inner
def _add_strip(g, rows, n, j, scale, dbias):
    """The same for four vectors: rows that are whole powers of two apart share few sets of the first cache."""
    width = simd.lanes(g)
    a = b = c = d = simd.splat(g, 0)
    for i in range(rows):
        row = simd.at(g, i * n + j)
        a, b = a + simd.load(row, 0), b + simd.load(row, width)
        c, d = c + simd.load(row, 2 * width), d + simd.load(row, 3 * width)
    y = simd.at(dbias, j)
    simd.store(y, 0, simd.fma(a, scale, simd.load(y, 0)))
    simd.store(y, width, simd.fma(b, scale, simd.load(y, width)))
    simd.store(y, 2 * width, simd.fma(c, scale, simd.load(y, 2 * width)))
    simd.store(y, 3 * width, simd.fma(d, scale, simd.load(y, 3 * width)))


@kernel
def add_columns(g, scale, dbias):
    """dbias += scale * sum of the rows of g"""
    (rows, n), x, y = g.shape, simd.at(g, 0), simd.at(dbias, 0)
    strip = 4 * simd.lanes(x)
    whole = n - n % strip
    for j in range(0, whole, strip):
        _add_strip(x, rows, n, j, scale, y)
    for j in range(whole, n, simd.lanes(x)):
        _add_column(x, rows, n, j, scale, y)
