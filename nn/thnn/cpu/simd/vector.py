"""The Numba type of vectors: what :mod:`registers` and :mod:`math` are made with.

A :class:`Vector` is held in a register; its data model is an LLVM vector. :func:`unary`, :func:`binary` and
:func:`ternary` turn an expression on :class:`llvm.Value` into a function for kernels, of vectors or of plain floats.
"""

from __future__ import annotations

import operator

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models, register_default
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin

from ..runtime.isa import lanes_of
from ..runtime.records import HalfPointer
from . import llvm

ELEMENTS = {
    types.float32: ir.FloatType(),
    types.float64: ir.DoubleType(),
    types.int32: ir.IntType(32),
    types.int64: ir.IntType(64),
    types.boolean: ir.IntType(1),
}


class Vector(types.Type):
    """The Numba type of ``lanes`` numbers held in a register."""

    def __init__(self, dtype: types.Type, lanes: int) -> None:
        self.dtype = dtype
        self.lanes = lanes
        super().__init__(name=f"Vector({dtype}, {lanes})")


@register_default(Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, vector: Vector) -> None:
        super().__init__(manager, vector, llvm.vector_of(ELEMENTS[vector.dtype], vector.lanes))


def vector_type(memory: types.Type) -> Vector:
    """The widest vector of the elements of an array or pointer type, or half of it."""
    lanes = lanes_of(memory.dtype.bitwidth // 8)
    return Vector(memory.dtype, max(1, lanes // 2) if isinstance(memory, HalfPointer) else lanes)


def pointer(context, builder: ir.IRBuilder, memory: types.Type, value: ir.Value, index: ir.Value) -> ir.Value:
    """Address of an element of an array or of a pointer."""
    if isinstance(memory, types.Array):
        value = cgutils.create_struct_proxy(memory)(context, builder, value).data
    return builder.gep(value, [index])


def as_value(context, builder: ir.IRBuilder, value: ir.Value, given: types.Type, wanted: types.Type) -> llvm.Value:
    """An argument as a vector: numbers are converted and spread over the lanes."""
    if isinstance(given, Vector):
        return llvm.Value(builder, value)
    scalar = llvm.Value(builder, context.cast(builder, value, given, wanted.dtype))
    return llvm.splat(scalar, wanted.lanes)


def first_vector(arguments: tuple) -> Vector | None:
    return next((a for a in arguments if isinstance(a, Vector)), None)


def accepts(arguments: tuple) -> Vector | None:
    """The vector type all arguments can take: one vector type, or numbers beside it."""
    vector = first_vector(arguments)
    fits = vector and all(a == vector or isinstance(a, types.Number) for a in arguments)
    return vector if fits else None


def elementwise(expression, arguments: tuple, result=lambda vector: vector):
    """Typing and code of an intrinsic that applies ``expression`` lane by lane, to vectors or to plain floats."""
    arguments = tuple(types.unliteral(a) for a in arguments)
    vector = accepts(arguments)
    if vector is None and all(isinstance(a, types.Float) for a in arguments):
        kind = max(arguments, key=lambda a: a.bitwidth)

        def generate(context, builder, sig, args):
            values = [llvm.Value(builder, context.cast(builder, v, a, kind)) for v, a in zip(args, arguments)]
            return expression(*values).ir

        return kind(*arguments), generate
    if vector is None:
        return None

    def generate(context, builder, sig, args):
        return expression(*(as_value(context, builder, v, a, vector) for v, a in zip(args, arguments))).ir

    return result(vector)(*arguments), generate


def unary(expression):
    """An intrinsic of one argument from an expression on :class:`llvm.Value`."""

    @intrinsic
    def function(typing, a):
        return elementwise(expression, (a,))

    return function


def binary(expression):
    """An intrinsic of two arguments from an expression on :class:`llvm.Value`."""

    @intrinsic
    def function(typing, a, b):
        return elementwise(expression, (a, b))

    return function


def ternary(expression):
    """An intrinsic of three arguments from an expression on :class:`llvm.Value`."""

    @intrinsic
    def function(typing, a, b, c):
        return elementwise(expression, (a, b, c))

    return function


def _define_operator(function, in_place, mask: bool = False) -> None:
    """Give vectors (and vectors with numbers) a Python operator."""

    def result(vector: Vector) -> Vector:
        return Vector(types.boolean, vector.lanes) if mask else vector

    class Template(AbstractTemplate):
        def generic(self, arguments, keywords):
            vector = accepts(arguments)
            return signature(result(vector), *arguments) if vector else None

    def generate(context, builder, sig, args):
        vector = first_vector(sig.args)
        a, b = (as_value(context, builder, v, t, vector) for v, t in zip(args, sig.args))
        return function(a, b).ir

    for key in (function, in_place) if in_place else (function,):
        infer_global(key)(Template)
        for operands in ((Vector, Vector), (Vector, types.Number), (types.Number, Vector)):
            lower_builtin(key, *operands)(generate)


_define_operator(operator.add, operator.iadd)
_define_operator(operator.sub, operator.isub)
_define_operator(operator.mul, operator.imul)
_define_operator(operator.truediv, operator.itruediv)
for _relation in (operator.lt, operator.le, operator.gt, operator.ge):
    _define_operator(_relation, None, mask=True)


@infer_global(operator.neg)
class _Negative(AbstractTemplate):
    def generic(self, arguments, keywords):
        return signature(arguments[0], *arguments) if isinstance(arguments[0], Vector) else None


@lower_builtin(operator.neg, Vector)
def _negative(context, builder, sig, args):
    return (-llvm.Value(builder, args[0])).ir
