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
        panel = simd.at(out, first * kc)
        for j in range(0, min(width, n - first), lanes):
            source = simd.at(b, (first + j) * ldb)
            rows = n - first - j
            for k in range(0, kc, lanes):
                target = simd.at(panel, k * width + j)
                if rows >= lanes and k + lanes <= kc:
                    _transpose_lanes(simd.at(source, k), ldb, target, width)
                else:
                    _transpose_edge(simd.at(source, k), ldb, rows, kc - k, target, width)


@inner
def pack_a(a, lda, transposed, m, kc, alpha, out):
    """out[panel][k][ROWS] = alpha * op(a)[panel * ROWS + i][k] for m rows; may write up to ROWS rows beyond kc."""
    for first in range(0, m, ROWS):
        panel = simd.at(out, first * kc)
        rows = m - first
        if transposed:
            for k in range(kc):
                source, target = simd.at(a, k * lda + first), simd.at(panel, k * ROWS)
                if rows >= ROWS:
                    _copy_rows(source, target)
                else:
                    for i in range(ROWS):
                        simd.put(target, i, simd.get(source, min(i, rows - 1)))
        else:
            for k in range(0, kc, ROWS):
                source, target = simd.at(a, first * lda + k), simd.at(panel, k * ROWS)
                if rows >= ROWS and k + ROWS <= kc:
                    _transpose_rows(source, lda, target, ROWS)
                else:
                    _transpose_rows_edge(source, lda, rows, kc - k, target, ROWS)
    if alpha != 1:
        for i in range(0, ceil_div(m, ROWS) * ROWS * kc, simd.lanes(out)):
            simd.store(out, i, simd.load(out, i) * alpha)
