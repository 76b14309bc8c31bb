"""Records: the named arguments of compiled code that is called by its address.

A record is a NamedTuple whose fields say what they hold::

    class Images(NamedTuple):
        data: Pointer       # floats of the type the code is compiled for
        count: Int

In memory each field is a word of 64 bits: an address, an integer, or the bits of a double. :func:`words` makes them
from Python values; :func:`reader` gives kernels a record back, from a frame of arguments or from a row of a table.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from typing import Any, get_type_hints

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.datamodel import models, register_default
from numba.extending import intrinsic

INT64 = ir.IntType(64)
WORDS = types.CPointer(types.int64)


class Pointer:
    """Floats: an array, or None."""


class Table:
    """An array of int64."""


class Int:
    """An integer or a truth value."""


class Float:
    """A number, a double whatever the type of the arrays."""


def kinds(record: Any) -> list:
    """What the words of a record, of a tuple of kinds, or of one kind hold."""
    if record in (Pointer, Table, Int, Float):
        return [record]
    return list(record if isinstance(record, tuple) else get_type_hints(record).values())


def words(values: Iterable) -> np.ndarray:
    """The words of Python values; whoever keeps them keeps the arrays."""
    return np.array([word(x) for x in values], np.int64)


def word(x: Any) -> int:
    """The address of an array (0 for None), the bits of a float, an integer."""
    if isinstance(x, np.ndarray):
        return x.ctypes.data
    if isinstance(x, float):
        return struct.unpack("q", struct.pack("d", x))[0]
    return 0 if x is None else int(x)


class HalfPointer(types.CPointer):
    """The Numba type of a pointer to elements that kernels take in vectors half as wide as the widest."""

    def __init__(self, dtype: types.Type) -> None:
        super().__init__(dtype)
        self.name = f"halves of {self.name}"

    @property
    def key(self) -> tuple:
        return *super().key, "half"


register_default(HalfPointer)(models.PointerModel)


def pointer_type(memory: types.Type) -> types.CPointer:
    """The type of pointers to the elements of an array or a pointer."""
    return memory if isinstance(memory, types.CPointer) else types.CPointer(memory.dtype)


def reader(*records: Any) -> Callable:
    """A function for kernels: ``read(memory, row, like)`` is row number ``row`` of a table of such records.

    Of several records it is a tuple of them; ``like`` is a pointer to floats of the type to read.
    """

    @intrinsic
    def read(typing, memory, row, like):
        found = [_type(record, like) for record in records]
        size = sum(len(kinds(record)) for record in records)

        def generate(context, builder, sig, args):
            first = builder.mul(args[1], ir.Constant(INT64, size))
            at = iter(range(size))

            def value(kind):
                if isinstance(kind, types.BaseTuple):
                    return context.make_tuple(builder, kind, [value(k) for k in kind.types])
                index = builder.add(first, ir.Constant(INT64, next(at)))
                return _converted(context, builder, builder.load(builder.gep(args[0], [index])), kind)

            values = [value(kind) for kind in found]
            return values[0] if len(records) == 1 else context.make_tuple(builder, types.Tuple(found), values)

        result = found[0] if len(records) == 1 else types.Tuple(found)
        return result(WORDS, types.int64, like), generate

    return read


def _type(record: Any, like: types.Type) -> types.Type:
    """The Numba type of a record for floats as in ``like``."""
    one = {Pointer: pointer_type(like), Table: WORDS, Int: types.int64, Float: types.float64}
    if record in one:
        return one[record]
    fields = [one[kind] for kind in kinds(record)]
    return types.Tuple(fields) if isinstance(record, tuple) else types.NamedTuple(fields, record)


def _converted(context, builder, word, kind):
    if isinstance(kind, types.CPointer):
        return builder.inttoptr(word, context.get_value_type(kind))
    return builder.bitcast(word, ir.DoubleType()) if kind == types.float64 else word
