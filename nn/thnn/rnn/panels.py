"""What the steps of a recurrent layer are made of: products of a few rows with panels of packed weights.

A panel is two vectors of columns of a product with all their rows. Rows that are missing at the end of a batch repeat
the last one and columns that are missing in the last panel are zero or left over, so that one form of tile serves all
sizes; surplus rows and columns are computed but never stored.
"""

from __future__ import annotations

from typing import NamedTuple

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from ..cpu.gemm.microkernel import Address, store_tile, sum_tile
from ..cpu.gemm.transpose import edge_transposer, transposer
from ..cpu.runtime.blocking import BLOCKING
from ..cpu.runtime.jit import inner
from ..cpu.runtime.records import Int
from ..cpu.simd import registers as simd
from ..cpu.simd.llvm import INT64
from ..cpu.simd.vector import vector_type

#: Rows of a tile; it is two vectors wide.
HEIGHT = BLOCKING.samples

#: Heights of lower tiles, for few samples.
LOW = 1, 2, 4

_transpose = transposer()
_transpose_edge = edge_transposer()


class Sizes(NamedTuple):
    """Steps T, samples N, inputs D, units H, outputs R (H unless there is a projection)."""

    T: Int
    N: Int
    D: Int
    H: Int
    R: Int


@intrinsic
def panel_product(typing, a, a_stride, rows, a_outer, b, b_outer, b_inner, c, c_stride, add, R, K):
    """C[m][v] (+)= sum over r < R, k < K of A(m, r, k) B(r, k)[v] for the HEIGHT rows m of a tile, A having ``rows``.

    A(m, r, k) is at ``a + min(m, rows - 1) * a_stride + r * a_outer + k``, B(r, k) at ``b + r * b_outer + k * b_inner``
    and C[m] at ``c + m * c_stride``; C is added to where ``add`` is not 0. Of few rows a lower tile is made.
    """
    i = types.int64

    def generate(context, builder, sig, args):
        lanes = vector_type(sig.args[0]).lanes
        a, a_stride, rows, a_outer, b, b_outer, b_inner, c, c_stride, add, R, K = args
        at, last = Address(builder), builder.sub(rows, ir.Constant(INT64, 1))
        start = builder.select(builder.icmp_signed("!=", add, ir.Constant(INT64, 0)), c, ir.Constant(c.type, None))

        def tile(height: int) -> None:
            a_row = []
            for m in range(height):
                m = ir.Constant(INT64, m)
                a_row.append(at.move(a, a_stride, builder.select(builder.icmp_signed("<", m, last), m, last)))
            total = sum_tile(at, 2, lanes, a_row, b, (a_outer, 1, b_outer, b_inner), (R, K))
            store_tile(builder, at, total, 2, c, c_stride, start, c_stride)

        def lowest(heights: tuple[int, ...]) -> None:
            """The lowest tile that has the rows."""
            if not heights:
                tile(HEIGHT)
                return
            with builder.if_else(builder.icmp_signed("<=", rows, ir.Constant(INT64, heights[0]))) as (fit, higher):
                with fit:
                    tile(heights[0])
                with higher:
                    lowest(heights[1:])

        lowest(LOW)
        return context.get_dummy_value()

    return types.void(a, i, i, i, a, i, i, a, i, i, i, i), generate


@inner
def pack_gates(weight, H, K, first, last, out):
    """Rows ``first`` to ``last`` of K of a weight with four blocks of H columns, for :func:`panel_product`.

    ``out[unit vector][pair of blocks][k]`` is the vectors of two blocks, side by side.
    """
    lanes = simd.lanes(weight)
    for k in range(first, last):
        row = simd.at(weight, k * 4 * H)
        for j in range(0, H, lanes):
            for g in range(4):
                target = simd.at(out, 4 * j * K + (g // 2 * K + k) * 2 * lanes)
                simd.store(target, g % 2 * lanes, simd.load_first(row, g * H + j, H - j))


@inner
def pack_inputs(weight, H, rows, out):
    """A panel of at most two vectors of rows of such a weight, transposed: ``out[unit vector][block][lane][row]``."""
    lanes = simd.lanes(weight)
    for j in range(0, H, lanes):
        for g in range(4):
            _pack_columns(simd.at(weight, g * H + j), H, rows, H - j, simd.at(out, (4 * j + g * lanes) * 2 * lanes))


@inner
def _pack_columns(source, H, rows, columns, target):
    """A vector of columns of at most two vectors of rows, transposed."""
    lanes = simd.lanes(source)
    width = 2 * lanes
    for i in range(0, min(rows, width), lanes):
        block = simd.at(source, 4 * i * H)
        if rows - i >= lanes and columns >= lanes:
            _transpose(block, 4 * H, simd.at(target, i), width)
        else:
            _transpose_edge(block, 4 * H, rows - i, columns, simd.at(target, i), width)


@inner
def panel_at(unit, t, n, T, N):
    """Which row of the gates, four vectors, belongs to a vector of units of a sample of a step.

    A panel has the rows of all steps of its units; those beyond T * N keep the panels apart in the caches.
    """
    return unit * (T * N + HEIGHT) + t * N + n


@inner
def store_edge(tile, rows, columns, out, stride):
    """The first rows and columns of a tile of two vectors, to ``out``."""
    lanes = simd.lanes(tile)
    for m in range(rows):
        for v in range(0, min(columns, 2 * lanes), lanes):
            simd.store_first(out, m * stride + v, simd.load(tile, 2 * m * lanes + v), columns - v)
