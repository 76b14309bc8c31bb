"""Large kernels on several threads: one launcher for all of them, so that each is compiled once.

Numba compiles a kernel with ``prange`` about five times over, which takes seconds for a product or a convolution. Here
the parallel loop is in one small function, :func:`launch`, that calls a compiled body by its address for each
part. The arguments travel in a frame of 64-bit words::

    @team
    def _product(frame, like, part, parts):
        _part(*unpack(frame, like, "ppiif"), part, parts)     # p pointer to floats, t to int64, i integer, f float

    _product(x, parts, x, y, n, m, alpha)                     # like, number of parts, then what is unpacked

``like`` is any array of the dtype to compile for; arrays travel as the address of their first element.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import prange
from numba.core import types
from numba.core.ccallback import CFunc
from numba.extending import intrinsic

from torch7 import thread_team, threading_layer

from .jit import FLAGS, cache, kernel, parallel

INT64 = ir.IntType(64)
_FRAME = types.CPointer(types.int64)


class Team:
    """A body of signature ``(frame, like, part, parts)`` and its compiled addresses."""

    def __init__(self, body: Callable) -> None:
        self.body = body
        self.compiled = {}

    def _compile(self, dtype: np.dtype) -> int:
        threading_layer.start()
        like = types.CPointer(numba.from_dtype(dtype))
        signature = types.void(_FRAME, like, types.int64, types.int64)
        function = CFunc(self.body, (signature.args, signature.return_type), {}, FLAGS)
        function._cache = cache(self.body)
        function.compile()
        self.compiled[dtype] = function
        return function

    def __call__(self, like: np.ndarray, parts: int, *arguments: Any) -> None:
        """Run parts 0 ... parts - 1 of the body on the arguments."""
        function = self.compiled.get(like.dtype) or self._compile(like.dtype)
        frame = np.empty(len(arguments), np.int64)
        fill(frame, *[as_word(x) if isinstance(x, np.ndarray) else x for x in arguments])
        if parts == 1:
            alone(function.address, frame)
        else:
            launch(function.address, frame, parts)


def team(body: Callable) -> Team:
    """Decorate a body."""
    return Team(body)


def as_word(x: np.ndarray) -> np.ndarray | int:
    """An array as a vector, so that few signatures of :func:`fill` are compiled, or else its address."""
    if x.ndim == 1:
        return x
    return x.reshape(-1) if x.flags.c_contiguous else x.ctypes.data


@intrinsic
def _pack(typing, frame, arguments):
    """Every argument as a 64-bit word: the address of an array, the bits of a float, an integer."""

    def generate(context, builder, sig, args):
        words = context.make_array(frame)(context, builder, args[0]).data
        for n, kind in enumerate(arguments.types):
            x = builder.extract_value(args[1], n)
            if isinstance(kind, types.Array):
                word = builder.ptrtoint(context.make_array(kind)(context, builder, x).data, INT64)
            elif isinstance(kind, types.Float):
                word = builder.bitcast(context.cast(builder, x, kind, types.float64), INT64)
            else:
                word = context.cast(builder, x, kind, types.int64)
            builder.store(word, builder.gep(words, [ir.Constant(INT64, n)]))
        return context.get_dummy_value()

    return types.void(frame, arguments), generate


@kernel
def fill(frame, *arguments):
    _pack(frame, arguments)


@intrinsic
def unpack(typing, frame, like, kinds):
    if not isinstance(kinds, types.StringLiteral):
        return None
    kind_of = {"p": like, "t": _FRAME, "i": types.int64, "f": types.float64}
    words = [kind_of[letter] for letter in kinds.literal_value]
    result = types.Tuple(words)

    def generate(context, builder, sig, args):
        values = []
        for n, kind in enumerate(words):
            word = builder.load(builder.gep(args[0], [ir.Constant(INT64, n)]))
            if isinstance(kind, types.CPointer):
                word = builder.inttoptr(word, context.get_value_type(kind))
            elif kind == types.float64:
                word = builder.bitcast(word, ir.DoubleType())
            values.append(word)
        return context.make_tuple(builder, result, values)

    return result(frame, like, kinds), generate


@intrinsic
def call_part(typing, address, frame, part, parts):
    def generate(context, builder, sig, args):
        words = context.make_array(frame)(context, builder, args[1]).data
        kind = ir.FunctionType(ir.VoidType(), [words.type, words.type, INT64, INT64])
        function = builder.inttoptr(args[0], kind.as_pointer())
        builder.call(function, [words, words, args[2], args[3]])
        return context.get_dummy_value()

    return types.void(types.int64, frame, types.int64, types.int64), generate


@kernel
def alone(address, frame):
    call_part(address, frame, 0, 1)


if threading_layer.AVAILABLE:

    @kernel
    def launch(address, frame, parts):
        thread_team.run(address, frame.ctypes.data, 0, parts)

else:

    @parallel
    def launch(address, frame, parts):
        for part in prange(parts):
            call_part(address, frame, part, parts)
