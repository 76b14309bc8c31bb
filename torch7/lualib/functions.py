"""Functions in files: what this process wrote becomes a function again when it reads it, with its own upvalues."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from ..serialization.values import LuaFunction, functions
from .table import Table

_TAG = 8
_HERE = __package__ or ""
_written: dict[bytes, Callable[..., Any]] = {}  # by the code in the file, which names it
_codes: dict[Callable[..., Any], LuaFunction] = {}


class SavedFunction(LuaFunction):
    """A function of this program out of a file: its closure has the values that were saved."""

    _made: Callable[..., Any] | None = None

    def __call__(self, *args: Any) -> Any:
        if self._made is None:
            f = _written[self.code]
            cells = tuple(types.CellType(value) for value in self.upvalues or ())
            self._made = types.FunctionType(f.__code__, f.__globals__, f.__name__, f.__defaults__, cells)
            self._made.__kwdefaults__ = f.__kwdefaults__
        return self._made(*args)


def write(f: Any) -> LuaFunction | None:
    """What a file has of a function of a translated program, one whose module uses this library; None of others."""
    if not any((getattr(x, "__module__", None) or "").startswith(_HERE) for x in f.__globals__.values() if callable(x)):
        return None
    if f not in _codes:
        code = f"Python function {len(_codes)} {f.__qualname__}".encode()
        _written[code] = f
        _codes[f] = LuaFunction(_TAG, code)
    _codes[f].upvalues = [cell.cell_contents for cell in f.__closure__ or ()]
    return _codes[f]


def read(tag: int, code: bytes) -> LuaFunction | None:
    """A function that this process wrote, None for others."""
    return SavedFunction(tag, code) if code in _written else None


def table(value: Any) -> dict | None:
    """What a file has of a Table: its own keys and values. None of other objects."""
    return dict(value._content) if isinstance(value, Table) else None


functions.write, functions.read, functions.table = write, read, table
