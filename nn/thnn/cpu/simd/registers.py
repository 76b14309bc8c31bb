"""Vectors as values inside Numba kernels.

A kernel loads a vector, computes with ``+ - * /`` and the functions here and in :mod:`math`, and stores it::

    from nn.thnn.cpu.simd import registers as simd
    from nn.thnn.cpu.runtime.jit import kernel

    @kernel
    def softsign(x, y):
        width = simd.lanes(x)                                    # 16 float32 or 8 float64 with AVX-512
        stop = x.size
        for i in range(0, stop - width + 1, width):
            v = simd.load(x, i)
            simd.store(y, i, v / (simd.absolute(v) + 1))
        rest = stop % width
        if rest:                                                 # the same arithmetic on the last few
            v = simd.load_first(x, stop - rest, rest)
            simd.store_first(y, stop - rest, v / (simd.absolute(v) + 1), rest)

Memory is a C-contiguous array or a pointer made by :func:`at`; indices count elements and are not checked. Numbers
mixed with vectors take the vector's type: float32 stays float32. Comparisons give masks for :func:`select`.
For maps of one element to one element a plain loop with :mod:`math`'s functions does as well, since LLVM makes
vectors of it, unless input and output are one array.

====================================  =========================================================================
``lanes(a)``                          elements in a vector of a's dtype (a compile-time constant)
``at(a, i)``                          pointer to element i of an array or pointer; None for None
``load(a, i)``, ``store(a, i, v)``    a vector from / to any address
``load_first(a, i, n)``               the first n lanes, zero in the others
``store_first(a, i, v, n)``           the first n lanes only
``get(a, i)``, ``put(a, i, x)``       one element
``splat(a, x)``                       x in every lane of a vector of a's dtype
``steps(a, x)``                       a vector with ``x + j`` in lane j
``fma(a, b, c)``                      a * b + c, rounded once where the host can
``minimum``, ``maximum``              ``a if a < b else b``, ``a if a > b else b``
``absolute``, ``sqrt``, ``rint``,     of every lane
``floor``, ``copysign``
``rounded(v)``                        v, a product that is not fused with what is added to it
``select(mask, a, b)``                a where the mask holds, else b
``to_integers(x, v)``                  floats cut to integers as ``x`` has
``even(a, b)``, ``odd(a, b)``          lanes 0, 2, 4 ... or 1, 3, 5 ... of a and b one after the other
``zip_low(a, b)``, ``zip_high(a, b)``  the vectors of a0, b0, a1, b1 ...
``total(v)``, ``largest(v)``          sum and maximum over the lanes, by halves (one fixed order)
``prefetch(a, i)``                    bring element i towards the cache
====================================  =========================================================================
"""

from __future__ import annotations

import operator

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from ..runtime.records import pointer_type
from . import llvm
from .vector import Vector, accepts, as_value, binary, pointer, ternary, unary, vector_type


@intrinsic
def lanes(typing, memory):
    count = vector_type(memory).lanes

    def generate(context, builder, sig, args):
        return ir.Constant(llvm.INT64, count)

    return types.int64(memory), generate


@intrinsic
def at(typing, memory, index):
    if memory == types.none:
        return types.none(memory, types.int64), lambda context, builder, sig, args: context.get_dummy_value()

    def generate(context, builder, sig, args):
        return pointer(context, builder, memory, *args)

    return pointer_type(memory)(memory, types.int64), generate


@intrinsic
def load(typing, memory, index):
    vector = vector_type(memory)

    def generate(context, builder, sig, args):
        return llvm.load(builder, pointer(context, builder, memory, *args), vector.lanes).ir

    return vector(memory, types.int64), generate


@intrinsic
def store(typing, memory, index, value):
    def generate(context, builder, sig, args):
        llvm.store(builder, pointer(context, builder, memory, *args[:2]), llvm.Value(builder, args[2]))
        return context.get_dummy_value()

    return types.void(memory, types.int64, value), generate


@intrinsic
def load_first(typing, memory, index, count):
    vector = vector_type(memory)

    def generate(context, builder, sig, args):
        address = pointer(context, builder, memory, *args[:2])
        return llvm.load_first(builder, address, vector.lanes, args[2]).ir

    return vector(memory, types.int64, types.int64), generate


@intrinsic
def store_first(typing, memory, index, value, count):
    def generate(context, builder, sig, args):
        address = pointer(context, builder, memory, *args[:2])
        llvm.store_first(builder, address, llvm.Value(builder, args[2]), args[3])
        return context.get_dummy_value()

    return types.void(memory, types.int64, value, types.int64), generate


@intrinsic
def get(typing, memory, index):
    def generate(context, builder, sig, args):
        return builder.load(pointer(context, builder, memory, *args))

    return memory.dtype(memory, types.int64), generate


@intrinsic
def put(typing, memory, index, value):
    value = types.unliteral(value)

    def generate(context, builder, sig, args):
        element = context.cast(builder, args[2], value, memory.dtype)
        builder.store(element, pointer(context, builder, memory, *args[:2]))
        return context.get_dummy_value()

    return types.void(memory, types.int64, value), generate


def prefetch_at(builder: ir.IRBuilder, address: ir.Value) -> None:
    """Ask for the line of an address, which need not be mapped."""
    address, small = builder.bitcast(address, ir.IntType(8).as_pointer()), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [address.type, small, small, small])
    function = builder.module.declare_intrinsic("llvm.prefetch.p0", (), kind)
    builder.call(function, [address, *(ir.Constant(small, n) for n in (0, 3, 1))])


@intrinsic
def prefetch(typing, memory, index):
    def generate(context, builder, sig, args):
        prefetch_at(builder, pointer(context, builder, memory, *args))
        return context.get_dummy_value()

    return types.void(memory, types.int64), generate


@intrinsic
def splat(typing, memory, number):
    vector = memory if isinstance(memory, Vector) else vector_type(memory)
    number = types.unliteral(number)

    def generate(context, builder, sig, args):
        return as_value(context, builder, args[1], number, vector).ir

    return vector(memory, number), generate


@intrinsic
def steps(typing, memory, start):
    vector = memory if isinstance(memory, Vector) else vector_type(memory)
    start = types.unliteral(start)

    def generate(context, builder, sig, args):
        first = as_value(context, builder, args[1], start, vector)
        return (first + llvm.Value(builder, ir.Constant(first.type, list(range(vector.lanes))))).ir

    return vector(memory, start), generate


absolute = unary(llvm.absolute)
sqrt = unary(llvm.sqrt)
rint = unary(llvm.rint)
floor = unary(llvm.floor)
rounded = unary(lambda a: llvm.call("llvm.arithmetic.fence", a))
copysign = binary(llvm.copysign)
minimum = binary(llvm.minimum)
maximum = binary(llvm.maximum)
fma = ternary(llvm.fma)


@intrinsic
def select(typing, mask, a, b):
    a, b = types.unliteral(a), types.unliteral(b)
    vector = accepts((a, b))

    def generate(context, builder, sig, args):
        choices = (as_value(context, builder, v, t, vector) for v, t in zip(args[1:], (a, b)))
        return llvm.select(llvm.Value(builder, args[0]), *choices).ir

    return vector(mask, a, b), generate


@intrinsic
def to_integers(typing, x, vector):
    whole = Vector(x.dtype, vector.lanes)

    def generate(context, builder, sig, args):
        return builder.fptosi(args[1], context.get_value_type(whole))

    return whole(x, vector), generate


def _every_other(first: int):
    @intrinsic
    def function(typing, a, b):
        def generate(context, builder, sig, args):
            low, high = (llvm.Value(builder, v) for v in args)
            return low.take(list(range(first, 2 * a.lanes, 2)), high).ir

        return a(a, b), generate

    return function


even, odd = _every_other(0), _every_other(1)


def _zipped(upper: bool):
    @intrinsic
    def function(typing, a, b):
        order = [i // 2 + a.lanes * (i % 2) for i in range(2 * a.lanes)]
        half = order[a.lanes :] if upper else order[: a.lanes]

        def generate(context, builder, sig, args):
            first, second = (llvm.Value(builder, v) for v in args)
            return first.take(half, second).ir

        return a(a, b), generate

    return function


zip_low = _zipped(False)
zip_high = _zipped(True)


def _reduction(combine):
    @intrinsic
    def function(typing, vector):
        def generate(context, builder, sig, args):
            return llvm.fold(llvm.Value(builder, args[0]), combine).ir

        return vector.dtype(vector), generate

    return function


total = _reduction(operator.add)
largest = _reduction(llvm.maximum)
smallest = _reduction(llvm.minimum)
