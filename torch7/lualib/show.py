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


_DEPTH = 5  # of tables in tables


def print(*values: Any) -> None:
    """The values with tabs between them, as :func:`tostring` shows them; a table in lines of its own, an entry each."""
    if not any(map(_is_plain, values)):
        builtins.print("\t".join(map(tostring, values)), file=sys.stdout)
        return
    for i, value in enumerate(values, 1):
        plain = _is_plain(value)
        end = "\n" if plain or i == len(values) or type(value) == "userdata" else "\t"
        builtins.print("\n".join(_lines(value, 0)) if plain else tostring(value), file=sys.stdout, end=end)


def _is_plain(value: Any) -> bool:
    """Whether a value is a table without a text of its own."""
    if isinstance(value, Table):
        return value._metatable is None or value._metatable["__tostring"] is None
    return isinstance(value, list | dict) and torch7.typename(value) is None


def _lines(table: Any, depth: int) -> list[str]:
    """The entries of a table by their keys, numbers first, between braces."""
    tab = "    " * depth
    entries = _entries(table)
    if not entries:
        return [f"{tab}{{}}"]
    lines = [f"{tab}{{"]
    for key, value in entries:
        head = f"{tab}  {tostring(key)} : "
        if not _is_plain(value):
            lines.append(head + _entry(value))
        elif depth + 1 >= _DEPTH or not _entries(value):
            lines.append(head + "{...}")
        else:
            lines += [head, *_lines(value, depth + 1)]
    return [*lines, f"{tab}}}"]


def _entries(table: Any) -> list[tuple[Any, Any]]:
    if isinstance(table, list):
        found = list(enumerate(table, 1))
    else:
        found = list((table._content if isinstance(table, Table) else table).items())
    return sorted([(k, v) for k, v in found if v is not None], key=lambda entry: _order(entry[0]))


def _order(key: Any) -> tuple:
    kind = type(key)
    return kind, key if kind in ("number", "string") else 0


def _entry(value: Any) -> str:
    """A value in a table: text in quotes, tensors and storages by their type and size."""
    if isinstance(value, str):
        return f'"{value}"'
    if torch7.isTensor(value) and value.ndim:
        name = torch7.typename(value).rpartition(".")[2]
        return f"{name} - size: {'x'.join(map(str, value.shape))}" if value.size else f"{name} - empty"
    if isinstance(value, tuple):
        return f"LongStorage - size: {len(value)}"
    if isinstance(value, torch7.Storage):
        return f"{value.torch_typename.rpartition('.')[2]} - size: {len(value)}"
    return tostring(value)


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
