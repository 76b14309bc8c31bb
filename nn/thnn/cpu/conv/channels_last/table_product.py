"""A tile of a product whose first factor is read through two tables."""

from __future__ import annotations

from numba.core import types
from numba.extending import intrinsic

from ...gemm.microkernel import Address, Loop
from ...simd import llvm
from ...simd.llvm import Value
from ...simd.vector import vector_type


def by_tables(rows: int, columns: int):
    """The product of :mod:`microkernel` for a tile of ``rows`` x ``columns`` vectors whose A is read by two tables::

    C[m][v] += sum over k < K of  a[offsets[m] + indices[k]] * b[k][v]
    """

    @intrinsic
    def tile(typing, a, offsets, indices, b, c, K):
        lanes = vector_type(b).lanes

        def generate(context, builder, sig, args):
            a, offsets, indices, b, c, K = args
            at = Address(builder)
            starts = [at.move(a, builder.load(at.move(offsets, m))) for m in range(rows)]
            kind = llvm.vector_of(b.type.pointee, lanes)
            loop = Loop(builder, K, [llvm.constant(kind, 0)] * (rows * columns), "indices")
            index = builder.load(builder.gep(indices, [loop.index]))
            row = at.move(b, loop.index, columns * lanes)
            vectors = [llvm.load(builder, at.move(row, v * lanes), lanes) for v in range(columns)]
            updated = []
            for m in range(rows):
                spread = llvm.splat(llvm.load(builder, builder.gep(starts[m], [index]), 0), lanes)
                for v in range(columns):
                    updated.append(llvm.fma(spread, vectors[v], Value(builder, loop.vectors[m * columns + v])).ir)
            loop.close(updated)
            for n, value in enumerate(updated):
                target = at.move(c, n * lanes)
                llvm.store(builder, target, Value(builder, value) + llvm.load(builder, target, lanes))
            return context.get_dummy_value()

        return types.void(a, offsets, indices, b, c, types.int64), generate

    return tile
