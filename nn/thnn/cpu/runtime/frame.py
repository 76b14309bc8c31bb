"""Frames: the arguments of compiled code as words, made of Python's objects by one call.

Numba would compile a function for every list of types. Here one function for all takes the objects themselves: it asks
Python's C functions for numbers, and reads addresses where NumPy keeps them, which is proved at its first use.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numba.core import types
from numba.core.ccallback import CFunc
from numba.extending import intrinsic

from torch7.atomics import load
from torch7.kernel_code import KernelCompiler

from .jit import FLAGS
from .jit import cache as kept
from .records import INT64, Float, Int, Pointer, words

_integer = types.ExternalFunction("PyLong_AsLongLong", types.int64(types.int64))
_number = types.ExternalFunction("PyFloat_AsDouble", types.float64(types.int64))
#: Words of an object: its type; of an array: where its elements are; of a tuple: how many it has, and the first.
TYPE, DATA, SIZE, FIRST = 1, 2, 2, 3
#: Words of a layout: None's address and that of the type of arrays, then what each word of a frame is.
NONE, ARRAY, KINDS = range(3)
ADDRESS, INTEGER, NUMBER = range(3)
_functions: list[CFunc] = []


@intrinsic
def _put(typing, memory, n, value):
    """Set word ``n`` to an integer, or to the bits of a double."""

    def generate(context, builder, sig, args):
        memory, n, value = args
        place = builder.gep(builder.inttoptr(memory, INT64.as_pointer()), [n])
        builder.store(value if value.type == INT64 else builder.bitcast(value, INT64), place)
        return context.get_dummy_value()

    return types.void(memory, n, value), generate


def _fill(frame, values, layout):
    """The words of a tuple of objects to an array; -1 for what should be an array or None and is neither."""
    memory, layout = load(frame, DATA), load(layout, DATA)
    for n in range(load(values, SIZE)):
        x, kind = load(values, FIRST + n), load(layout, KINDS + n)
        if kind == INTEGER:
            _put(memory, n, _integer(x))
        elif kind == NUMBER:
            _put(memory, n, _number(x))
        elif x == load(layout, NONE):
            _put(memory, n, 0)
        elif load(x, TYPE) == load(layout, ARRAY):
            _put(memory, n, load(x, DATA))
        else:
            return -1
    return 0


class Layout:
    """Which words of a frame are addresses, integers and numbers."""

    #: What is called with every frame and its values while somebody records what is called.
    note: Callable[[tuple], Any] | None = None

    def __init__(self, kinds: list) -> None:
        codes = {Int: INTEGER, Float: NUMBER}
        self.size = len(kinds)
        self.words = np.array([id(None), id(np.ndarray), *(codes.get(kind, ADDRESS) for kind in kinds)], np.int64)

    def frame(self, values: tuple) -> np.ndarray:
        """The words of values, which are arrays or None, integers, and numbers; whoever keeps it keeps the arrays."""
        frame = np.empty(self.size, np.int64)
        if Layout.note is not None:
            Layout.note((frame, *values))
        fill = _filler()
        try:
            if fill is not None and fill(frame, values, self.words) == 0:
                return frame
        except TypeError:  # what Python's C functions do not take for an integer, as NumPy's truth values
            pass
        frame[:] = words(map(self._proved, values, self.words[KINDS:]))
        return frame

    def _proved(self, x: Any, kind: int) -> Any:
        """A value of its kind: arrays of a class of their own are well, too."""
        if kind == ADDRESS:
            if x is None or isinstance(x, np.ndarray):
                return x
            raise TypeError(f"kernels take arrays, got {type(x).__name__}")
        return int(x) if kind == INTEGER else float(x)


@cache
def _filler() -> Callable | None:
    """``_fill`` for Python, if objects are laid out as it takes them."""
    if (object.__basicsize__, tuple.__basicsize__) != (8 * DATA, 8 * FIRST):
        return None
    word = types.int64
    function = CFunc(_fill, ((word,) * 3, word), {}, FLAGS, KernelCompiler)
    function._cache = kept(_fill)
    function.compile()
    _functions.append(function)
    fill = ctypes.PYFUNCTYPE(ctypes.c_int64, *[ctypes.py_object] * 3)(function.address)
    sample, found = (np.zeros(2), None, True, -7, 2.5), np.empty(5, np.int64)
    layout = Layout([Pointer, Pointer, Int, Int, Float])
    well = fill(found, sample, layout.words) == 0 and np.array_equal(found, words(sample))
    return fill if well else None
