"""The register-blocked product: a tile of C held in registers while the sum runs.

One form serves matrix products, convolutions and recurrent layers::

    C[m][v] (+)= sum over r < R, k < K of  A(m, r, k) * B(r, k)[v]        m < rows, v < columns vectors of lanes

B(r, k) lies at ``b + r * b_outer + k * b_inner``, its vectors side by side. A is read element by element, either

``by_rows``      at ``a + offsets[m] + r * a_outer + k``: a row may lie anywhere (offsets are int64), or
``by_columns``   at ``a + m + r * a_outer + k * a_inner``: the rows of the tile are side by side.

The result goes to ``c + m * c_stride``; where s is not null, ``s + m * s_stride`` is added first (C itself to
accumulate, a bias row with stride 0). R and K are at least 1. An element always sums over r, then k, in order.
"""

from __future__ import annotations

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from ..runtime.blocking import BLOCKING
from ..runtime.records import pointer_type
from ..simd import llvm
from ..simd.llvm import INT64, Value
from ..simd.registers import prefetch_at
from ..simd.vector import vector_type

#: Rows and vector columns of the tile that fills the registers best.
ROWS, COLUMNS = BLOCKING.rows, BLOCKING.columns


class Loop:
    """``for i in range(count)`` around code that updates a list of vectors; count is at least 1."""

    def __init__(self, builder: ir.IRBuilder, count: ir.Value, vectors: list[ir.Value], name: str) -> None:
        self.builder, self.count = builder, count
        before = builder.block
        self.block = builder.append_basic_block(name)
        builder.branch(self.block)
        builder.position_at_end(self.block)
        self.index = builder.phi(INT64)
        self.index.add_incoming(ir.Constant(INT64, 0), before)
        self.vectors = [builder.phi(v.type) for v in vectors]
        for phi, v in zip(self.vectors, vectors):
            phi.add_incoming(v, before)

    def close(self, updated: list[ir.Value]) -> None:
        builder = self.builder
        following = builder.add(self.index, ir.Constant(INT64, 1))
        after = builder.append_basic_block("after")
        self.index.add_incoming(following, builder.block)
        for phi, v in zip(self.vectors, updated):
            phi.add_incoming(v, builder.block)
        builder.cbranch(builder.icmp_signed("<", following, self.count), self.block, after)
        builder.position_at_end(after)


class Address:
    """Pointer arithmetic in elements: ``base[i]`` moved by products of strides and counts."""

    def __init__(self, builder: ir.IRBuilder) -> None:
        self.builder = builder

    def move(self, base: ir.Value, stride: ir.Value | int, count: ir.Value | int = 1) -> ir.Value:
        stride, count = (x if isinstance(x, ir.Value) else ir.Constant(INT64, x) for x in (stride, count))
        return self.builder.gep(base, [self.builder.mul(stride, count)])


def store_tile(builder, at: Address, total: list[Value], columns: int, c, c_stride, s, s_stride) -> None:
    """Write the tile, with the rows at s added where s is not null."""
    lanes = total[0].lanes
    add, plain, end = (builder.append_basic_block(name) for name in ("add", "plain", "end"))
    null = ir.Constant(s.type, None)
    builder.cbranch(builder.icmp_unsigned("!=", s, null), add, plain)
    for block, adding in ((add, True), (plain, False)):
        builder.position_at_end(block)
        for n, value in enumerate(total):
            m, v = divmod(n, columns)
            if adding:
                value = value + llvm.load(builder, at.move(at.move(s, s_stride, m), v * lanes), lanes)
            llvm.store(builder, at.move(at.move(c, c_stride, m), v * lanes), value)
        builder.branch(end)
    builder.position_at_end(end)


def sum_tile(at: Address, columns: int, lanes: int, a_row: list, b, strides, counts, packed=None) -> list[Value]:
    """The two nested sums; ``a_row[m]`` is the pointer to row m. B's vectors are copied to ``packed``, if given.

    The columns behind them, which a tile copies next, are asked for, all lines that they are on.
    """
    (a_outer, a_inner, b_outer, b_inner), (R, K) = strides, counts
    builder, rows = at.builder, len(a_row)
    kind = llvm.vector_of(b.type.pointee, lanes)
    zero = [llvm.constant(kind, 0)] * (rows * columns)
    outer = Loop(builder, R, zero, "outer")
    a_r = [at.move(row, a_outer, outer.index) for row in a_row]
    b_r = at.move(b, b_outer, outer.index)
    inner = Loop(builder, K, outer.vectors, "inner")
    b_k = at.move(b_r, b_inner, inner.index)
    b_vectors = [llvm.load(builder, at.move(b_k, v * lanes), lanes) for v in range(columns)]
    if packed is not None:
        target = at.move(packed, columns * lanes, inner.index)
        for v, vector in enumerate(b_vectors):
            llvm.store(builder, at.move(target, v * lanes), vector)
            prefetch_at(builder, at.move(b_k, (columns + v) * lanes))
        prefetch_at(builder, at.move(b_k, 2 * columns * lanes - 1))
    updated = []
    for m in range(rows):
        element = llvm.load(builder, at.move(a_r[m], a_inner, inner.index), 0)
        spread = llvm.splat(element, lanes)
        for v in range(columns):
            total = Value(builder, inner.vectors[m * columns + v])
            updated.append(llvm.fma(spread, b_vectors[v], total).ir)
    inner.close(updated)
    outer.close(updated)
    return [Value(builder, x) for x in updated]


def by_rows(rows: int, columns: int):
    """The product for a tile of ``rows`` x ``columns`` vectors, A by row offsets."""

    @intrinsic
    def tile(typing, a, offsets, a_outer, b, b_outer, b_inner, c, c_stride, s, s_stride, R, K):
        lanes = vector_type(b).lanes
        i = types.int64

        def generate(context, builder, sig, args):
            a, offsets, a_outer, b, b_outer, b_inner, c, c_stride, s, s_stride, R, K = args
            at = Address(builder)
            a_row = [at.move(a, builder.load(at.move(offsets, m))) for m in range(rows)]
            strides = (a_outer, 1, b_outer, b_inner)
            total = sum_tile(at, columns, lanes, a_row, b, strides, (R, K))
            store_tile(builder, at, total, columns, c, c_stride, s, s_stride)
            return context.get_dummy_value()

        return types.void(a, offsets, i, b, i, i, c, i, s, i, i, i), generate

    return tile


def by_columns(rows: int, columns: int):
    """The product for a tile of ``rows`` x ``columns`` vectors, A's rows side by side."""

    @intrinsic
    def tile(typing, a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, s_stride, R, K):
        lanes = vector_type(b).lanes
        i = types.int64

        def generate(context, builder, sig, args):
            a, a_outer, a_inner, b, b_outer, b_inner, c, c_stride, s, s_stride, R, K = args
            at = Address(builder)
            a_row = [at.move(a, m) for m in range(rows)]
            strides = (a_outer, a_inner, b_outer, b_inner)
            total = sum_tile(at, columns, lanes, a_row, b, strides, (R, K))
            store_tile(builder, at, total, columns, c, c_stride, s, s_stride)
            return context.get_dummy_value()

        return types.void(a, i, i, b, i, i, c, i, s, i, i, i), generate

    return tile


def packing(rows: int, columns: int):
    """The product for a tile of ``rows`` x ``columns`` vectors and R = 1, A packed, which packs B where it lies.

    The sums leave time for the copy: one that comes before them costs 5 to 10 % of a product of 128 rows.
    """

    @intrinsic
    def tile(typing, a, b, b_inner, c, c_stride, s, s_stride, K, packed):
        lanes = vector_type(b).lanes
        i = types.int64

        def generate(context, builder, sig, args):
            a, b, b_inner, c, c_stride, s, s_stride, K, packed = args
            at, one = Address(builder), ir.Constant(INT64, 1)
            a_row = [at.move(a, m) for m in range(rows)]
            total = sum_tile(at, columns, lanes, a_row, b, (0, rows, 0, b_inner), (one, K), packed)
            store_tile(builder, at, total, columns, c, c_stride, s, s_stride)
            return context.get_dummy_value()

        return types.void(a, b, i, c, i, s, i, i, packed), generate

    return tile


def by_taps(rows: int, columns: int):
    """The product for a tile of ``rows`` x ``columns`` vectors whose B rows lie anywhere::

    C[m][v] = sum over k < K of  a[k * rows + m] * b[offsets[k] + v]
    """

    @intrinsic
    def tile(typing, a, b, offsets, c, c_stride, K):
        lanes = vector_type(b).lanes
        i = types.int64

        def generate(context, builder, sig, args):
            a, b, offsets, c, c_stride, K = args
            at = Address(builder)
            kind = llvm.vector_of(b.type.pointee, lanes)
            loop = Loop(builder, K, [llvm.constant(kind, 0)] * (rows * columns), "taps")
            row = at.move(b, builder.load(builder.gep(offsets, [loop.index])))
            vectors = [llvm.load(builder, at.move(row, v * lanes), lanes) for v in range(columns)]
            updated = []
            for m in range(rows):
                element = llvm.load(builder, at.move(at.move(a, loop.index, rows), m), 0)
                spread = llvm.splat(element, lanes)
                for v in range(columns):
                    updated.append(llvm.fma(spread, vectors[v], Value(builder, loop.vectors[m * columns + v])).ir)
            loop.close(updated)
            for n, value in enumerate(updated):
                m, v = divmod(n, columns)
                llvm.store(builder, at.move(at.move(c, c_stride, m), v * lanes), Value(builder, value))
            return context.get_dummy_value()

        return types.void(a, b, offsets, c, i, i), generate

    return tile


@intrinsic
def null(typing, memory):
    """A pointer to nothing, of the type of a pointer or of an array's elements."""
    kind = pointer_type(memory)

    def generate(context, builder, sig, args):
        return ir.Constant(context.get_value_type(kind), None)

    return kind(memory), generate
