"""Arithmetic on LLVM values, written as ordinary Python.

It is the language in which :mod:`registers`, :mod:`math` and :mod:`microkernel` generate their code.

A :class:`Value` is a float, an integer or a vector of them while a kernel is being generated; ``a * b + 1`` emits a
multiplication and an addition.  No fast-math flag is set, so what is written is what is computed, in that order.
"""

from __future__ import annotations

import operator

from llvmlite import ir

from .constants import INDEX as _INDEX
from .constants import constant, lane_numbers, vector_of

INT64 = ir.IntType(64)


class Value:
    """An LLVM value and the builder that adds instructions after it."""

    __slots__ = ("builder", "ir")

    def __init__(self, builder: ir.IRBuilder, value: ir.Value) -> None:
        self.builder = builder
        self.ir = value

    @property
    def type(self) -> ir.Type:
        return self.ir.type

    @property
    def lanes(self) -> int:
        return self.type.count if isinstance(self.type, ir.VectorType) else 0

    @property
    def element(self) -> ir.Type:
        return self.type.element if self.lanes else self.type

    @property
    def is_float(self) -> bool:
        return not isinstance(self.element, ir.IntType)

    @property
    def bits(self) -> int:
        """Width of one element."""
        return {ir.FloatType(): 32, ir.DoubleType(): 64}[self.element] if self.is_float else self.element.width

    def constant(self, number: float) -> Value:
        """``number`` in the type of this value."""
        return Value(self.builder, constant(self.type, number))

    def _with(self, result: ir.Value) -> Value:
        return Value(self.builder, result)

    def _coerce(self, other: Value | float) -> ir.Value:
        return other.ir if isinstance(other, Value) else self.constant(other).ir

    def _binary(self, other: Value | float, on_float: str, on_int: str) -> Value:
        method = getattr(self.builder, on_float if self.is_float else on_int)
        return self._with(method(self.ir, self._coerce(other)))

    def _compare(self, other: Value | float, relation: str) -> Value:
        compare = self.builder.fcmp_ordered if self.is_float else self.builder.icmp_signed
        return self._with(compare(relation, self.ir, self._coerce(other)))

    def __add__(self, other: Value | float) -> Value:
        return self._binary(other, "fadd", "add")

    def __sub__(self, other: Value | float) -> Value:
        return self._binary(other, "fsub", "sub")

    def __mul__(self, other: Value | float) -> Value:
        return self._binary(other, "fmul", "mul")

    def __truediv__(self, other: Value | float) -> Value:
        return self._binary(other, "fdiv", "sdiv")

    def __rsub__(self, other: float) -> Value:
        return self.constant(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return self.constant(other) / self

    __radd__ = __add__
    __rmul__ = __mul__

    def __lt__(self, other: Value | float) -> Value:
        return self._compare(other, "<")

    def __le__(self, other: Value | float) -> Value:
        return self._compare(other, "<=")

    def __gt__(self, other: Value | float) -> Value:
        return self._compare(other, ">")

    def __ge__(self, other: Value | float) -> Value:
        return self._compare(other, ">=")

    def equals(self, other: Value | float) -> Value:
        return self._compare(other, "==")

    def __neg__(self) -> Value:
        return self._with(self.builder.fneg(self.ir) if self.is_float else self.builder.neg(self.ir))

    def __lshift__(self, count: int) -> Value:
        return self._with(self.builder.shl(self.ir, self.constant(count).ir))

    def __rshift__(self, count: int) -> Value:
        return self._with(self.builder.ashr(self.ir, self.constant(count).ir))

    def __and__(self, other: Value | int) -> Value:
        return self._with(self.builder.and_(self.ir, self._coerce(other)))

    def __or__(self, other: Value | int) -> Value:
        return self._with(self.builder.or_(self.ir, self._coerce(other)))

    def as_bits(self) -> Value:
        """The same bits as integers."""
        return self._with(self.builder.bitcast(self.ir, _same_shape(self, ir.IntType(self.bits))))

    def as_float(self) -> Value:
        """The same bits as floats."""
        element = ir.FloatType() if self.bits == 32 else ir.DoubleType()
        return self._with(self.builder.bitcast(self.ir, _same_shape(self, element)))

    def to_float(self) -> Value:
        """Integers converted to floats of the same width."""
        element = ir.FloatType() if self.bits == 32 else ir.DoubleType()
        return self._with(self.builder.sitofp(self.ir, _same_shape(self, element)))

    def take(self, lanes: list[int], other: Value | None = None) -> Value:
        """The named lanes of this vector, counted on into ``other``."""
        second = other.ir if other is not None else ir.Constant(self.type, ir.Undefined)
        return self._with(self.builder.shuffle_vector(self.ir, second, lane_numbers(*lanes)))

    def lane(self, index: int) -> Value:
        return self._with(self.builder.extract_element(self.ir, ir.Constant(_INDEX, index)))


def _same_shape(value: Value, element: ir.Type) -> ir.Type:
    return vector_of(element, value.lanes) if value.lanes else element


def splat(scalar: Value, lanes: int) -> Value:
    """A vector with ``scalar`` in every lane."""
    builder, type_ = scalar.builder, vector_of(scalar.type, lanes)
    undefined = ir.Constant(type_, ir.Undefined)
    first = builder.insert_element(undefined, scalar.ir, ir.Constant(_INDEX, 0))
    return Value(builder, builder.shuffle_vector(first, undefined, lane_numbers(*[0] * lanes)))


def call(name: str, *arguments: Value) -> Value:
    """Call the LLVM intrinsic ``name`` that maps values of one type to that type."""
    first = arguments[0]
    suffix = f"v{first.lanes}f{first.bits}" if first.lanes else f"f{first.bits}"
    kind = ir.FunctionType(first.type, [first.type] * len(arguments))
    function = first.builder.module.declare_intrinsic(f"{name}.{suffix}", (), kind)
    return Value(first.builder, first.builder.call(function, [a.ir for a in arguments]))


def fma(a: Value, b: Value | float, c: Value | float) -> Value:
    """``a * b + c`` with one rounding where the host has the instruction, with two elsewhere."""
    b, c = (x if isinstance(x, Value) else a.constant(x) for x in (b, c))
    return call("llvm.fmuladd", a, b, c)


def sqrt(a: Value) -> Value:
    return call("llvm.sqrt", a)


def rint(a: Value) -> Value:
    """Nearest integer, ties to even."""
    return call("llvm.rint", a)


def floor(a: Value) -> Value:
    return call("llvm.floor", a)


def absolute(a: Value) -> Value:
    return call("llvm.fabs", a)


def copysign(a: Value, sign: Value) -> Value:
    return call("llvm.copysign", a, sign)


def select(condition: Value, a: Value | float, b: Value | float) -> Value:
    """``a`` where the condition holds, else ``b``."""
    a, b = (x if isinstance(x, Value) else other.constant(x) for x, other in ((a, b), (b, a)))
    return Value(a.builder, a.builder.select(condition.ir, a.ir, b.ir))


def minimum(a: Value, b: Value | float) -> Value:
    """``a if a < b else b`` lane by lane."""
    return select(a < b, a, b)


def maximum(a: Value, b: Value | float) -> Value:
    """``a if a > b else b`` lane by lane."""
    return select(a > b, a, b)


def fold(vector: Value, combine=operator.add) -> Value:
    """Combine the lanes of a vector by halves into one scalar: always the same order."""
    while vector.lanes > 1:
        half = vector.lanes // 2
        low = vector.take(list(range(half)))
        high = vector.take(list(range(half, 2 * half)))
        vector = combine(low, high)
    return vector.lane(0)


def transpose(rows: list[Value]) -> list[Value]:
    """Transpose L vectors of L lanes in registers, L a power of two."""
    lanes = len(rows)
    half = lanes // 2
    while half:
        low = [c if not c & half else lanes + c - half for c in range(lanes)]
        high = [c + half if not c & half else lanes + c for c in range(lanes)]
        pairs = {r: (rows[r], rows[r + half]) for r in range(lanes) if not r & half}
        for r, (a, b) in pairs.items():
            rows[r], rows[r + half] = a.take(low, b), a.take(high, b)
        half //= 2
    return rows


def load(builder: ir.IRBuilder, pointer: ir.Value, lanes: int) -> Value:
    """Read ``lanes`` elements (0: a scalar) from a pointer to elements of any alignment."""
    element = pointer.type.pointee
    if not lanes:
        return Value(builder, builder.load(pointer))
    vector_pointer = builder.bitcast(pointer, vector_of(element, lanes).as_pointer())
    return Value(builder, builder.load(vector_pointer, align=_alignment(element)))


def store(builder: ir.IRBuilder, pointer: ir.Value, value: Value) -> None:
    """Write a scalar or a vector to a pointer to elements of any alignment."""
    if not value.lanes:
        builder.store(value.ir, pointer)
        return
    vector_pointer = builder.bitcast(pointer, value.type.as_pointer())
    builder.store(value.ir, vector_pointer, align=_alignment(value.element))


def first_lanes(builder: ir.IRBuilder, count: ir.Value, lanes: int) -> Value:
    """Mask of the lanes below an integer."""
    limit = splat(Value(builder, builder.trunc(count, _INDEX)), lanes)
    return Value(builder, lane_numbers(*range(lanes))) < limit


def load_first(builder: ir.IRBuilder, pointer: ir.Value, lanes: int, count: ir.Value) -> Value:
    """Read the first ``count`` elements of a vector, zero in the other lanes."""
    kind = vector_of(pointer.type.pointee, lanes)
    address = builder.bitcast(pointer, kind.as_pointer())
    mask, align = first_lanes(builder, count, lanes).ir, ir.Constant(_INDEX, _alignment(kind.element))
    function = ir.FunctionType(kind, [address.type, align.type, mask.type, kind])
    name = f"llvm.masked.load.{_mangled(kind)}.p0"
    load = builder.module.declare_intrinsic(name, (), function)
    return Value(builder, builder.call(load, [address, align, mask, constant(kind, 0)]))


def store_first(builder: ir.IRBuilder, pointer: ir.Value, value: Value, count: ir.Value) -> None:
    """Write the first ``count`` lanes of a vector."""
    kind = value.type
    address = builder.bitcast(pointer, kind.as_pointer())
    mask, align = first_lanes(builder, count, value.lanes).ir, ir.Constant(_INDEX, _alignment(kind.element))
    function = ir.FunctionType(ir.VoidType(), [kind, address.type, align.type, mask.type])
    name = f"llvm.masked.store.{_mangled(kind)}.p0"
    store = builder.module.declare_intrinsic(name, (), function)
    builder.call(store, [value.ir, address, align, mask])


def _mangled(kind: ir.VectorType) -> str:
    """``v16f32``"""
    width = {ir.FloatType(): "f32", ir.DoubleType(): "f64"}.get(kind.element) or f"i{kind.element.width}"
    return f"v{kind.count}{width}"


def _alignment(element: ir.Type) -> int:
    return {ir.FloatType(): 4, ir.DoubleType(): 8}.get(element) or max(1, element.width // 8)
