"""``print``, ``tostring`` and ``type`` as Torch's."""

from __future__ import annotations

import builtins
import inspect
import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import torch7

from ..lua import is_number, lua_number, lua_type
from .table import Table


def tostring(x: Any) -> str:
    """A value as Lua shows it: numbers with 14 digits, nil, true, tensors in columns."""
    if isinstance(x, str):
        return x
    if x is None:
        return "nil"
    if isinstance(x, bytes):  # out of a file
        return x.decode("latin-1")
    if torch7.isTensor(x) and x.ndim:
        return torch7.tostring(x) + "\n" if x.size else f"[{torch7.typename(x)} with no dimension]\n"
    if is_number(x):
        return lua_number(x)
    if lua_type(x) == "boolean":
        return "true" if x else "false"
    if isinstance(x, tuple):
        return torch7.tostring(x).removeprefix("\n") + "\n"
    if isinstance(x, torch7.Storage):
        lines = torch7.tostring(x.data).splitlines()[:-1]
        return "\n".join([*lines, f"[{x.torch_typename} of size {len(x)}]", ""])
    if isinstance(x, list | dict):
        return f"table: {id(x):#016x}"
    if inspect.isroutine(x):
        return f"function: {id(x):#016x}"
    if inspect.isclass(x):
        return torch7.registry.class_name(x)
    plain = builtins.type(x).__repr__ is object.__repr__ and builtins.type(x).__str__ is object.__str__
    return torch7.typename(x) or str(x) if plain else str(x)


def print(*values: Any) -> None:
    """The values with tabs between them, each as :func:`tostring` shows it."""
    builtins.print("\t".join(map(tostring, values)), file=sys.stdout)


def type(x: Any) -> str:
    """Lua's word: nil, number, string, boolean, table, function, userdata, thread."""
    word = lua_type(x)
    if isinstance(x, Table | ModuleType | SimpleNamespace) or inspect.isclass(x):
        return "table"
    if isinstance(x, tuple) or torch7.isTensor(x):
        return "userdata"
    if builtins.type(x).__name__ == "Coroutine":
        return "thread"
    return "table" if word in ("function", "userdata") and not inspect.isroutine(x) and torch7.typename(x) else word
