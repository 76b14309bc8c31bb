"""The check of ``torch7.strict`` that a mask of bytes in brackets raises: ``x[mask]`` takes its 0s and 1s for places.

NumPy asks nobody when an array indexes another. So the two functions behind the brackets of its arrays are replaced
while the mode is on, by ones that look at the index first: in CPython a type keeps their addresses in a table. Only
brackets of scripts count: installed packages, NumPy itself among them, look things up in tables by small bytes.
"""

from __future__ import annotations

import ctypes
import sys
import sysconfig
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import cfunc, njit
from numba.core import types
from numba.extending import intrinsic

from .strictness import StrictError, is_library

MESSAGE = (
    b"a mask of bytes in brackets: NumPy takes its 0s and 1s for places, x[mask] is not what they mark; "
    b"write x[mask != 0], or torch.maskedSelect and torch.maskedFill"
)
ARRAY, TUPLE, ERROR = id(np.ndarray), id(tuple), id(StrictError)
# CPython: where an object keeps its type, a tuple its length and items, a type its size and the table for brackets
TYPE, LENGTH, ITEMS, BASICSIZE, MAPPING = 8, 16, 24, 32, 112
# NumPy: where an array keeps its memory, dimensions, element type and flags, and a type of elements its letter
DATA, NDIM, SIZES, DTYPE, FLAGS, LETTER = 16, 24, 32, 56, 64, 25
WORD, CONTIGUOUS, BYTE = 8, 1, ord("B")


INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


def in_script() -> bool:
    """Whether the line that runs is neither of an installed package nor of this library."""
    file = sys._getframe(1).f_code.co_filename
    return not (is_library(file) or file.startswith(INSTALLED) or "site-packages" in file or "dist-packages" in file)


def _load(bits: int) -> Any:
    """A function that reads ``bits`` bits at an address."""

    @intrinsic
    def load(typing: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            value = builder.load(builder.inttoptr(args[0], ir.IntType(bits).as_pointer()))
            return value if bits == 64 else builder.zext(value, ir.IntType(64))

        return types.int64(types.int64), generate

    return load


load_byte, load_half, load_word = _load(8), _load(32), _load(64)


@njit
def is_mask(x, axis, index):
    """Whether ``index`` is an array of bytes 0 and 1, of the sizes that ``x`` has from ``axis`` on."""
    if load_word(index + TYPE) != ARRAY or load_byte(load_word(index + DTYPE) + LETTER) != BYTE:
        return False
    dims, size = load_half(index + NDIM), 1
    if dims == 0 or axis + dims > load_half(x + NDIM):
        return False
    for d in range(dims):
        n = load_word(load_word(index + SIZES) + WORD * d)
        if n != load_word(load_word(x + SIZES) + WORD * (axis + d)):
            return False
        size *= n
    if load_half(index + FLAGS) & CONTIGUOUS:
        for i in range(size):
            if load_byte(load_word(index + DATA) + i) > 1:
                return False
    return size > 0


@njit
def has_mask(x, index):
    """Whether the index, or an entry of a tuple, is a mask of bytes."""
    if load_word(index + TYPE) != TUPLE:
        return is_mask(x, 0, index)
    for i in range(load_word(index + LENGTH)):  # noqa: SIM110 - Numba knows no any()
        if is_mask(x, i, load_word(index + ITEMS + WORD * i)):
            return True
    return False


@cache
def _slots() -> Any:
    """The table of NumPy's arrays for brackets (its entries 1 and 2 read and write), or None where it is elsewhere."""
    words = ctypes.POINTER(ctypes.c_void_p)
    if object.__basicsize__ != ITEMS - WORD or ctypes.c_ssize_t.from_address(ARRAY + BASICSIZE).value != (
        np.ndarray.__basicsize__
    ):
        return None
    return ctypes.cast(ctypes.cast(ARRAY + MAPPING, words)[0], words)


@cache
def _functions() -> tuple[tuple[int, int], tuple[int, int], Any]:
    """The addresses of NumPy's two functions and of those that check, and what keeps these alive."""
    text = ctypes.create_string_buffer(MESSAGE)
    message = ctypes.addressof(text)
    raise_error = types.ExternalFunction("PyErr_SetString", types.void(types.int64, types.int64))
    call = types.ExternalFunction("PyObject_CallNoArgs", types.int64(types.int64))
    release = types.ExternalFunction("Py_DecRef", types.void(types.int64))
    word, judge, true = ctypes.c_int64, id(in_script), id(True)
    theirs = _slots()[1], _slots()[2]
    read = ctypes.CFUNCTYPE(word, word, word)(theirs[0])
    write = ctypes.CFUNCTYPE(ctypes.c_int32, word, word, word)(theirs[1])

    @njit
    def refused(x, index):
        if not has_mask(x, index):
            return False
        answer = call(judge)
        if answer == true:
            raise_error(ERROR, message)
        if answer != 0:  # 0: an exception is set already
            release(answer)
        return answer == true or answer == 0

    @cfunc("int64(int64, int64)")
    def checked_read(x, index):
        return 0 if refused(x, index) else read(x, index)

    @cfunc("int32(int64, int64, int64)")
    def checked_write(x, index, value):
        return -1 if refused(x, index) else write(x, index, value)

    return theirs, (checked_read.address, checked_write.address), (text, read, write, checked_read, checked_write)


def install() -> None:
    """Let ``x[mask]`` and ``x[mask] = y`` raise."""
    if _slots() is not None:
        _slots()[1], _slots()[2] = _functions()[1]


def uninstall() -> None:
    """Give NumPy's arrays their own functions back."""
    if _slots() is not None:
        _slots()[1], _slots()[2] = _functions()[0]
