"""What threads need that Numba has not: atomic words of memory, pauses, calls by address, room on the stack.

Memory is named by its address; words have 64 bits and are counted from there.
"""

from __future__ import annotations

from llvmlite import ir
from numba.core import types
from numba.core.cgutils import get_or_insert_function
from numba.extending import intrinsic

INT64 = ir.IntType(64)
_ORDER = "seq_cst"


def _word(builder: ir.IRBuilder, address: ir.Value, n: ir.Value) -> ir.Value:
    return builder.gep(builder.inttoptr(address, INT64.as_pointer()), [n])


@intrinsic
def load(typing, address, n):
    """Word ``n``."""

    def generate(context, builder, sig, args):
        return builder.load_atomic(_word(builder, *args), _ORDER, 8)

    return types.int64(types.int64, types.int64), generate


@intrinsic
def store(typing, address, n, value):
    """Set word ``n``."""

    def generate(context, builder, sig, args):
        builder.store_atomic(args[2], _word(builder, *args[:2]), _ORDER, 8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@intrinsic
def add(typing, address, n, value):
    """Add to word ``n``; returns what it was."""

    def generate(context, builder, sig, args):
        return builder.atomic_rmw("add", _word(builder, *args[:2]), args[2], _ORDER)

    return types.int64(types.int64, types.int64, types.int64), generate


@intrinsic
def exchange(typing, address, n, old, new):
    """Set word ``n`` to ``new`` if it is ``old``; returns what it was."""

    def generate(context, builder, sig, args):
        found = builder.cmpxchg(_word(builder, *args[:2]), args[2], args[3], _ORDER, _ORDER)
        return builder.extract_value(found, 0)

    return types.int64(types.int64, types.int64, types.int64, types.int64), generate


@intrinsic
def pause(typing):
    """Tell the processor that a loop waits for another one."""

    def generate(context, builder, sig, args):
        machine = builder.module.triple.partition("-")[0]
        if machine == "x86_64":
            kind = ir.FunctionType(ir.VoidType(), [])
            builder.call(get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
        elif machine == "aarch64":
            kind = ir.FunctionType(ir.VoidType(), [ir.IntType(32)])
            yield_hint = ir.IntType(32)(1)
            builder.call(get_or_insert_function(builder.module, kind, "llvm.aarch64.hint"), [yield_hint])
        return context.get_dummy_value()

    return types.void(), generate


@intrinsic
def stack(typing, words):
    """The address of ``words`` undefined words, valid until the calling function returns."""

    def generate(context, builder, sig, args):
        return builder.ptrtoint(builder.alloca(INT64, size=args[0]), INT64)

    return types.int64(types.int64), generate


@intrinsic
def call(typing, function, a, b, c, d):
    """Call the C function at an address with four words."""

    def generate(context, builder, sig, args):
        kind = ir.FunctionType(ir.VoidType(), [INT64] * 4)
        builder.call(builder.inttoptr(args[0], kind.as_pointer()), args[1:])
        return context.get_dummy_value()

    return types.void(*[types.int64] * 5), generate


def address_of(symbol: str):
    """A function for kernels: the address that was given to a name by ``llvmlite.binding.add_symbol``."""

    @intrinsic
    def found(typing):
        def generate(context, builder, sig, args):
            kind = ir.FunctionType(ir.VoidType(), [])
            return builder.ptrtoint(get_or_insert_function(builder.module, kind, symbol), INT64)

        return types.int64(), generate

    return found
