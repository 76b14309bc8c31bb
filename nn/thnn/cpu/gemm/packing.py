"""Packing: panels of a matrix copied to scratch in the order in which :mod:`microkernel` reads them."""

from __future__ import annotations

from ..runtime.jit import inner
from ..runtime.partition import ceil_div
from ..simd import registers as simd
from .microkernel import ROWS
from .transpose import edge_transposer, mover, transposer

_transpose_lanes = transposer()

_transpose_rows = transposer(ROWS)

_transpose_edge = edge_transposer()

_transpose_rows_edge = edge_transposer(ROWS)

_copy_rows = mover(ROWS)


@inner
def pack_rows(b, ldb, kc, n, width, out):
    """out[panel][k][width] = b[k][panel * width + j], b a kc x n matrix in rows of n."""
    lanes = simd.lanes(out)
    full = n - n % width
    for k in range(kc):
        row = simd.at(b, k * ldb)
        for j in range(0, full, width):
            target = simd.at(out, j * kc + k * width)
            for v in range(0, width, lanes):
                simd.store(target, v, simd.load(row, j + v))
        if full < n:
            target = simd.at(out, full * kc + k * width)
            for v in range(0, width, lanes):
                simd.store(target, v, simd.load_first(row, full + v, min(lanes, n - full - v)))


@inner
def pack_columns(b, ldb, kc, n, width, out):
    """out[panel][k][width] = b[panel * width + j][k], b n x kc in rows; may write up to a vector's rows beyond kc."""
    lanes = simd.lanes(out)
    for first in range(0, n, width):
        for j in range(0, min(width, n - first), lanes):
            source, target = simd.at(b, (first + j) * ldb), simd.at(out, first * kc + j)
            _transpose_strip(source, ldb, n - first - j, kc, target, width)


@inner
def _transpose_strip(source, ldb, rows, kc, target, width):
    """target[k][j] = source[j][k] for a vector of rows j, of which ``rows`` exist."""
    lanes = simd.lanes(target)
    for k in range(0, kc, lanes):
        if rows >= lanes and k + lanes <= kc:
            _transpose_lanes(simd.at(source, k), ldb, simd.at(target, k * width), width)
        else:
            _transpose_edge(simd.at(source, k), ldb, rows, kc - k, simd.at(target, k * width), width)


@inner
def pack_a(a, lda, transposed, m, kc, alpha, out):
    """out[panel][k][ROWS] = alpha * op(a)[panel * ROWS + i][k] for m rows; may write up to ROWS rows beyond kc."""
    first = 0
    while first < m:
        panel, rows, count = simd.at(out, first * kc), m - first, ROWS
        if not transposed:
            _transpose_panel(simd.at(a, first * lda), lda, rows, kc, panel)
        elif rows >= 2 * ROWS:
            _copy_two_panels(simd.at(a, first), lda, kc, panel)
            count = 2 * ROWS
        else:
            _copy_panel(simd.at(a, first), lda, rows, kc, panel)
        first += count
    if alpha != 1:
        for i in range(0, ceil_div(m, ROWS) * ROWS * kc, simd.lanes(out)):
            simd.store(out, i, simd.load(out, i) * alpha)


@inner
def _copy_two_panels(a, lda, kc, panel):
    """Two panels side by side, which in single precision share the lines of the cache."""
    second = simd.at(panel, kc * ROWS)
    for k in range(kc):
        source = simd.at(a, k * lda)
        _copy_rows(source, simd.at(panel, k * ROWS))
        _copy_rows(simd.at(source, ROWS), simd.at(second, k * ROWS))


@inner
def _copy_panel(a, lda, rows, kc, panel):
    """panel[k][i] = a[k][i]; rows that do not exist repeat the last."""
    for k in range(kc):
        source, target = simd.at(a, k * lda), simd.at(panel, k * ROWS)
        if rows >= ROWS:
            _copy_rows(source, target)
        else:
            for i in range(ROWS):
                simd.put(target, i, simd.get(source, min(i, rows - 1)))


@inner
def _transpose_panel(a, lda, rows, kc, panel):
    """panel[k][i] = a[i][k]"""
    for k in range(0, kc, ROWS):
        source, target = simd.at(a, k), simd.at(panel, k * ROWS)
        if rows >= ROWS and k + ROWS <= kc:
            _transpose_rows(source, lda, target, ROWS)
        else:
            _transpose_rows_edge(source, lda, rows, kc - k, target, ROWS)
