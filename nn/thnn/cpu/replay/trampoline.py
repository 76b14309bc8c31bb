"""Calls of compiled code with arguments from words of memory.

Compiled code takes the fields of its arguments apart: of an array the address, the sizes and the strides. A trampoline
is a small function for one list of types, ``trampoline(code, words, results)``: it reads the fields from words of 64
bits, calls the code at an address, writes the fields of what it returns to words, and returns 0, or 1 where the code
ended in an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.callconv import RETCODE_NONE, RETCODE_OK, excinfo_ptr_t
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from ..runtime.records import word

INT32, INT64, DOUBLE = ir.IntType(32), ir.IntType(64), ir.DoubleType()
WORDS = INT64.as_pointer()
NAME = "torch7_trampoline"


class NotReplayable(Exception):
    """Something that a recording cannot hold."""


Signature = tuple[types.Type, tuple[types.Type, ...]]
_addresses: dict[Signature, int] = {}
_engines: list = []


def trampolines(signatures: list[Signature]) -> list[int]:
    """The addresses of the trampolines for such results and arguments; those that there are not yet are compiled.

    :class:`NotReplayable` for types that are not arrays, numbers, None and tuples of them.
    """
    with global_compiler_lock:
        lacking = [s for s in dict.fromkeys(signatures) if s not in _addresses]
        if lacking:
            module = ir.Module(NAME)
            for n, signature in enumerate(lacking):
                _write(ir.Function(module, ir.FunctionType(INT64, [INT64, WORDS, WORDS]), f"{NAME}_{n}"), *signature)
            engine = _compiled(module)
            _engines.append(engine)
            for n, signature in enumerate(lacking):
                _addresses[signature] = engine.get_function_address(f"{NAME}_{n}")
        return [_addresses[s] for s in signatures]


def _write(function: ir.Function, result: types.Type, arguments: tuple[types.Type, ...]) -> None:
    """The text of a trampoline."""
    kind = cpu_target.target_context.call_conv.get_function_type(result, arguments)
    builder = ir.IRBuilder(function.append_basic_block())
    address, words, results = function.args
    returned, error = builder.alloca(kind.args[0].pointee), builder.alloca(excinfo_ptr_t)
    fields = [_read(builder, words, n, t) for n, t in zip(_places(arguments), kind.args[2:], strict=True)]
    code = builder.call(builder.inttoptr(address, kind.as_pointer()), [returned, error, *fields])
    for n, (at, leaf) in enumerate(_leaves(result, (0,))):
        value = builder.load(builder.gep(returned, [INT32(i) for i in at]))
        builder.store(_as_word(builder, value, leaf), builder.gep(results, [INT64(n)]))
    well = [builder.icmp_signed("==", code, c) for c in (RETCODE_OK, RETCODE_NONE)]
    builder.ret(builder.zext(builder.not_(builder.or_(*well)), INT64))


def _compiled(module: ir.Module) -> Any:
    """The engine that runs a module. Its functions are too small for Numba's optimiser, which takes long."""
    machine = llvm.Target.from_default_triple().create_target_machine(opt=1)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(str(module)), machine)
    engine.finalize_object()
    return engine


def _places(arguments: tuple[types.Type, ...]) -> Iterator[int | None]:
    """The word of every field; None for what only Numba's memory management needs."""
    at = 0
    for kind in _flat(arguments):
        if isinstance(kind, types.Array):
            yield from (None, None, at + 1, at + 2, at, *range(at + 3, at + 3 + 2 * kind.ndim))
            at += 3 + 2 * kind.ndim
        elif isinstance(kind, types.NoneType):
            yield None
        else:
            yield at
            at += 1


def _flat(kinds: Any) -> Iterator[types.Type]:
    """The types in tuples of tuples of them."""
    for kind in kinds:
        if isinstance(kind, types.BaseTuple):
            yield from _flat(kind.types)
        elif isinstance(kind, types.Array | types.Integer | types.Boolean | types.Float | types.NoneType):
            yield kind
        else:
            raise NotReplayable(f"an argument of type {kind}")


def _read(builder: ir.IRBuilder, words: ir.Value, n: int | None, kind: ir.Type) -> ir.Value:
    """A field of an argument from word ``n``."""
    if n is None:
        return ir.Constant(kind, None)
    value = builder.load(builder.gep(words, [INT64(n)]))
    if isinstance(kind, ir.PointerType):
        return builder.inttoptr(value, kind)
    if isinstance(kind, ir.IntType):
        return value if kind.width == 64 else builder.trunc(value, kind)
    value = builder.bitcast(value, DOUBLE)
    return value if kind == DOUBLE else builder.fptrunc(value, kind)


def _leaves(kind: types.Type, at: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], types.Type]]:
    """Where in memory the fields of a result are, and their types."""
    if isinstance(kind, types.BaseTuple):
        for n, k in enumerate(kind.types):
            yield from _leaves(k, (*at, n))
    elif isinstance(kind, types.Integer | types.Boolean | types.Float):
        yield at, kind
    elif not isinstance(kind, types.NoneType):
        raise NotReplayable(f"a result of type {kind}")


def _as_word(builder: ir.IRBuilder, value: ir.Value, kind: types.Type) -> ir.Value:
    if isinstance(kind, types.Float):
        return builder.bitcast(value if kind == types.float64 else builder.fpext(value, DOUBLE), INT64)
    if value.type.width == 64:
        return value
    return (builder.sext if getattr(kind, "signed", False) else builder.zext)(value, INT64)


def words_of(arguments: tuple, kinds: tuple[types.Type, ...]) -> list[int]:
    """The words of arguments of such types."""
    if kinds and isinstance(kinds[-1], types.StarArgTuple | types.StarArgUniTuple):  # a function's ``*arguments``
        fixed = len(kinds) - 1
        arguments = (*arguments[:fixed], arguments[fixed:])
    return [w for x, kind in zip(arguments, kinds) for w in words_of_one(x, kind)]


def words_of_one(x: Any, kind: types.Type) -> Iterator[int]:
    """The words of an argument, or of a result."""
    if isinstance(kind, types.Array):
        yield from (x.ctypes.data, x.size, x.itemsize, *x.shape, *x.strides)
    elif isinstance(kind, types.BaseTuple):
        for value, k in zip(x, kind.types):
            yield from words_of_one(value, k)
    elif not isinstance(kind, types.NoneType):
        yield word(float(x) if isinstance(kind, types.Float) else np.int64(x))
