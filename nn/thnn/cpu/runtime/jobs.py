"""What threads run for a loop: compiled code and its arguments, of any types, as two addresses.

Numba compiles a loop over ``prange`` five times over. Here a function is compiled once and called by its address for
each part::

    code, memory = job(function, (x, y))            # function(x, y, part, parts)
    run(code, memory, parts)

``memory`` is the calling function's: it is valid until that one returns, which waits for all parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import prange
from numba.core import cgutils, types
from numba.extending import intrinsic

from torch7 import thread_team, threading_layer
from torch7.atomics import call

from .jit import inner, parallel
from .records import INT64

ADDRESSES = types.UniTuple(types.int64, 2)


@intrinsic
def job(typing, function, arguments):
    """The addresses of code that calls ``function(*arguments, part, parts)``, and of the arguments in memory."""
    compiled = _compiled(typing, function, (*arguments.types, types.int64, types.int64))

    def generate(context, builder, sig, args):
        def call_part(caller, fields, part, parts):
            caller([*fields, part, parts])

        return _addresses(context, builder, compiled, cgutils.unpack_tuple(builder, args[1]), call_part)

    return ADDRESSES(function, arguments), generate


@intrinsic
def range_job(typing, function, count, unit, arguments):
    """The same for ``function(low, high, *arguments)``, with parts of ``count`` elements as ``bound`` makes them."""
    count, unit = types.int64, types.int64
    compiled = _compiled(typing, function, (count, unit, *arguments.types))

    def generate(context, builder, sig, args):
        def call_part(caller, fields, part, parts):
            n, unit, *rest = fields
            one = part.type(1)
            ends = [_bound(caller.builder, n, p, parts, unit) for p in (part, caller.builder.add(part, one))]
            caller([*ends, *rest])

        fields = [*args[1:3], *cgutils.unpack_tuple(builder, args[3])]
        return _addresses(context, builder, compiled, fields, call_part)

    return ADDRESSES(function, count, unit, arguments), generate


def _bound(builder: ir.IRBuilder, n: ir.Value, part: ir.Value, parts: ir.Value, unit: ir.Value) -> ir.Value:
    """``min(n, (n + unit - 1) // unit * part // parts * unit)``"""
    units = builder.sdiv(builder.sub(builder.add(n, unit), n.type(1)), unit)
    begin = builder.mul(builder.sdiv(builder.mul(units, part), parts), unit)
    return builder.select(builder.icmp_signed("<", begin, n), begin, n)


def _compiled(typing: Any, function: Any, kinds: tuple) -> Any:
    """What Numba has compiled for arguments of such types."""
    return function.dispatcher.overloads[function.get_call_type(typing, kinds, {}).args]


class _Caller:
    """Calls of a compiled function from a C function. An error, which no kernel raises, is lost."""

    def __init__(self, context: Any, builder: ir.IRBuilder, compiled: Any) -> None:
        self.context, self.builder, self.fndesc = context, builder, compiled.fndesc

    def __call__(self, arguments: list[ir.Value]) -> None:
        callee = self.context.declare_function(self.builder.module, self.fndesc)
        kinds = self.fndesc.restype, self.fndesc.argtypes
        self.context.call_conv.call_function(self.builder, callee, *kinds, arguments)


def _addresses(context: Any, builder: ir.IRBuilder, compiled: Any, fields: list, call_part: Callable) -> ir.Value:
    """The addresses of a C function ``code(memory, memory, part, parts)`` and of a memory with the fields."""
    context.active_code_library.add_linking_library(compiled.library)
    memory = cgutils.alloca_once(builder, ir.LiteralStructType([x.type for x in fields]))
    for n, x in enumerate(fields):
        builder.store(x, cgutils.gep_inbounds(builder, memory, 0, n))
    name = f"{compiled.fndesc.llvm_func_name}.job"
    code = ir.Function(builder.module, ir.FunctionType(ir.VoidType(), [INT64] * 4), name)
    code.linkage = "internal"
    inside = ir.IRBuilder(code.append_basic_block())
    record = inside.inttoptr(code.args[0], memory.type)
    found = [inside.load(cgutils.gep_inbounds(inside, record, 0, n)) for n in range(len(fields))]
    call_part(_Caller(context, inside, compiled), found, *code.args[2:])
    inside.ret_void()
    return context.make_tuple(builder, ADDRESSES, [builder.ptrtoint(x, INT64) for x in (code, memory)])


if threading_layer.AVAILABLE:

    @inner
    def run(code, memory, parts):
        """Run all parts."""
        thread_team.run(code, memory, 0, parts)

else:

    @parallel
    def run(code, memory, parts):
        for part in prange(parts):
            call(code, memory, memory, part, parts)
