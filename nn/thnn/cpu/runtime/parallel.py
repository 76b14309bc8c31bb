"""Parallel regions: a compiled body that the threads run, each for its part of the work.

Numba compiles a kernel with ``prange`` about five times over, which takes seconds for a product or a convolution. Here
the parallel loop is in one small function, :func:`launch`, that calls a body by its address for each part::

    class Matrix(NamedTuple):
        data: Pointer
        rows: Int
        columns: Int

    @parallel_region
    def _scale(x: Matrix, factor: Float, part, parts):
        for row in range(bound(x.rows, part, parts, 1), bound(x.rows, part + 1, parts, 1)):
            ...

    _scale(parts, Matrix(x, *x.shape), 2.0)

Parameters are records (:mod:`records`) or single words, and at last ``part`` and ``parts``: which thread of how many.
The body is compiled for the type of the first array.

:func:`supersteps` is a loop over such regions with a barrier after every turn, that is bulk-synchronous: no part begins
a turn before all have ended the one before. Its bodies end in ``turn, part, parts``, and the call says how many
``turns``. No part waits inside: every turn is a launch of its own, from compiled code, so that a threading layer that
runs parts one after another is only slower.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property
from types import FunctionType
from typing import Any, get_type_hints

import numba
import numpy as np
from llvmlite import ir
from numba import prange
from numba.core import types
from numba.core.ccallback import CFunc
from numba.extending import intrinsic

from torch7 import thread_team, threading_layer
from torch7.kernel_code import KernelCompiler

from .frame import Layout
from .jit import FLAGS, cache, inlined, kernel, parallel
from .records import INT64, WORDS, HalfPointer, Pointer, Table, kinds, reader, word, words

ENTRY = """def entry(frame, like, count, parts):
    r = read(frame, 0, like)
    body({}{}, parts)
"""


class Region:
    """A body and its compiled addresses.

    ``layout``: the records of its parameters, unless annotations name them; ``turn``: it takes the turn, too.
    """

    def __init__(self, body: Callable, layout: tuple | None = None, turn: bool = False) -> None:
        self.layout = tuple(get_type_hints(body).values()) if layout is None else layout
        self.kinds = [kind for record in self.layout for kind in kinds(record)]
        self.first = self.kinds.index(Pointer)
        self.frame = Layout(self.kinds).frame
        self.entry = self._entry(body, turn)
        self.like: Callable = types.CPointer
        self.functions: list[CFunc] = []
        self.addresses: dict[np.dtype, int] = {}

    @cached_property
    def halved(self) -> Region:
        """The same code for vectors half as wide."""
        found = copy(self)
        found.like, found.functions, found.addresses = HalfPointer, [], {}
        return found

    def _entry(self, body: Callable, turn: bool) -> Callable:
        """The function that is compiled: it reads the records from a frame and calls the body."""
        place, count = body.__code__, len(self.layout)
        records = "r, " if count == 1 else "".join(f"r[{n}], " for n in range(count))
        text = ENTRY.format(records, "count // parts, count % parts" if turn else "count")
        (code,) = (c for c in compile(text, place.co_filename, "exec").co_consts if hasattr(c, "co_name"))
        code = code.replace(co_firstlineno=place.co_firstlineno)
        entry = FunctionType(code, {"body": inlined(body), "read": reader(*self.layout)}, body.__name__)
        entry.__module__, entry.__qualname__ = body.__module__, body.__qualname__
        vars(entry).update(vars(body))
        return entry

    def compile(self, dtype: np.dtype) -> int:
        """The address of the code for floats of a type."""
        if dtype not in self.addresses:
            threading_layer.start()
            like = self.like(numba.from_dtype(dtype))
            signature = types.void(WORDS, like, types.int64, types.int64)
            function = CFunc(self.entry, (signature.args, signature.return_type), {}, FLAGS, KernelCompiler)
            function._cache = cache(self.entry)
            function.compile()
            self.functions.append(function)
            self.addresses[dtype] = function.address
        return self.addresses[dtype]

    def __call__(self, parts: int, *arguments: Any, turns: int = 1) -> None:
        """Run parts 0 ... parts - 1 of the body on records and words, so many turns."""
        found: list = []
        for x in arguments:
            if isinstance(x, tuple):
                found += x
            else:
                found.append(x)
        dtype = found[self.first].dtype
        address = self.addresses.get(dtype) or self.compile(dtype)
        frame = self.frame(tuple(found))
        if parts == 1:
            alone(address, frame, turns)
        else:
            launch(address, frame, turns, parts)

    def bind(self, dtype: np.dtype, *arguments: Any) -> Call:
        """A call whose frame is made once and run many times."""
        return Call(self, dtype, arguments)


class Call:
    """A region with its arguments, of which some may be exchanged between runs; whoever keeps it keeps the arrays.

    ``tables``: words of the frame that name arrays of words, and the arrays.
    """

    #: What is called with every call while somebody records what is called.
    note: Callable[[Call], Any] | None = None

    def __init__(self, region: Region, dtype: np.dtype, arguments: tuple) -> None:
        self.address = region.compile(dtype)
        found = [x for argument in arguments for x in (argument if isinstance(argument, tuple) else (argument,))]
        names = [n for record in region.layout for n in getattr(record, "_fields", [None] * len(kinds(record)))]
        self.places = {name: n for n, name in enumerate(names)}
        self.frame = words(found)
        self.tables = [(n, x) for n, (x, kind) in enumerate(zip(found, region.kinds)) if kind is Table]

    def point(self, **fields: Any) -> None:
        """Let fields hold other arrays or numbers, which one record only may have."""
        for name, x in fields.items():
            self.frame[self.places[name]] = word(x)

    def __call__(self, parts: int = 1) -> None:
        if Call.note is not None:
            Call.note(self)
        if parts == 1:
            alone(self.address, self.frame, 1)
        else:
            launch(self.address, self.frame, 1, parts)


def parallel_region(body: Callable) -> Region:
    """Decorate a body."""
    return Region(body)


def supersteps(body: Callable) -> Region:
    """Decorate a body that is run in turns."""
    return Region(body, turn=True)


@intrinsic
def _call(typing, address, frame, count, parts):
    """Call the function at an address."""

    def generate(context, builder, sig, args):
        memory = context.make_array(frame)(context, builder, args[1]).data
        kind = ir.FunctionType(ir.VoidType(), [memory.type, memory.type, INT64, INT64])
        function = builder.inttoptr(args[0], kind.as_pointer())
        builder.call(function, [memory, memory, args[2], args[3]])
        return context.get_dummy_value()

    return types.void(types.int64, frame, types.int64, types.int64), generate


@kernel
def alone(address, frame, turns):
    for turn in range(turns):
        _call(address, frame, turn, 1)


# The parts are counted on over the turns.
if threading_layer.AVAILABLE:

    @kernel
    def launch(address, frame, turns, parts):
        for turn in range(turns):
            thread_team.run(address, np.int64(frame.ctypes.data), turn * parts, parts)

else:

    @parallel
    def launch(address, frame, turns, parts):
        for turn in range(turns):
            for part in prange(parts):
                _call(address, frame, turn * parts + part, parts)
