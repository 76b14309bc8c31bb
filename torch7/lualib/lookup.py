"""``t[k]``, ``t[k] = v``, ``#t`` and ``o:f(...)`` of values whose type is found out at run time."""

from __future__ import annotations

import keyword
from functools import partial
from types import ModuleType
from typing import Any

import torch7

from ..lua import is_number
from .strings import string
from .table import Table, rawget, rawset, set_place, takes
from .tensors import reseat, view_of

_IN_PYTHON = {"__init": "__init__", "__tostring": "__repr__", "__tostring__": "__repr__", "__call": "__call__"}


def field_of(name: str) -> str:
    """The name of a field or method of an object in Python."""
    return _IN_PYTHON.get(name, name + "_" if keyword.iskeyword(name) else name)


def index(t: Any, key: Any, default: Any = None) -> Any:
    """``t[key]``, or ``t[key] or default``."""
    value = _index(t, key)
    return default if value is None or (value is False and default is not None) else value


def _index(t: Any, key: Any) -> Any:
    if t is None:
        raise TypeError("attempt to index a nil value")
    if torch7.isTensor(t):
        return _of_tensor(t, key)
    if isinstance(t, Table):
        return t[key]
    if isinstance(t, list | tuple | dict):
        return rawget(list(t) if isinstance(t, tuple) else t, key)
    if isinstance(t, str):
        return getattr(string, key, None)
    return getattr(t, field_of(key), None) if isinstance(key, str) else t[int(key) - 1]


def _of_tensor(x: Any, key: Any) -> Any:
    if key == "new":  # called with a dot
        return partial(torch7.new, x)
    if isinstance(key, str):
        return lambda *args: call(*args[:1], key, *args[1:]) if args else torch7.new(x)
    if torch7.isTensor(key):
        return torch7.maskedSelect(x, key)
    return torch7.at(x, _items(key))


def _items(key: Any) -> Any:
    if isinstance(key, Table | dict | list | tuple):
        items = [key[i] for i in range(1, len(key) + 1)] if isinstance(key, Table | dict) else list(key)
        return [_items(i) if isinstance(i, Table | dict | list) else int(i) for i in items]
    return [int(key)]


def setindex(t: Any, key: Any, value: Any) -> None:
    """``t[key] = value``."""
    if torch7.isTensor(t):
        _set_tensor(t, key, value)
    elif isinstance(t, Table):
        t[key] = value
    elif isinstance(t, list):
        set_place(t, key, value)
    elif isinstance(t, dict):
        rawset(t, key, value)
    elif t is None:
        raise TypeError("attempt to index a nil value")
    else:
        setattr(t, field_of(key), value)


def _set_tensor(x: Any, key: Any, value: Any) -> None:
    if torch7.isTensor(key):
        (torch7.maskedCopy if torch7.isTensor(value) else torch7.maskedFill)(x, key, value)
        return
    items = _items(key)
    if len(items) == x.ndim and all(isinstance(i, int) for i in items):
        items = [*items[:-1], [items[-1]]]
    part = torch7.at(x, items)
    if torch7.isTensor(value):
        torch7.copy(part, value)
    else:
        torch7.fill(part, value)


def length(x: Any) -> Any:
    """``#x``: of a tensor its sizes."""
    if torch7.isTensor(x):
        return x.shape
    if isinstance(x, dict):
        n = 0
        while x.get(n + 1) is not None:
            n += 1
        return n
    if x is None:
        raise TypeError("attempt to get length of a nil value")
    return len(x)


def call(o: Any, name: str, *args: Any) -> Any:
    """``o:name(...)``."""
    if torch7.isTensor(o):
        return _call_tensor(o, name, args)
    if isinstance(o, str):
        return getattr(string, name)(o, *args)
    if isinstance(o, tuple):
        return {"size": len, "totable": list, "nElement": len}[name](o)
    if isinstance(o, Table | dict):
        f = o[name] if isinstance(o, Table) else o.get(name)
        if f is None:
            raise TypeError(f"attempt to call method '{name}' (a nil value)")
        return f(o, *args) if takes(f, len(args) + 1) else f(*args)
    if o is None:
        raise TypeError("attempt to index a nil value")
    return getattr(o, field_of(name))(*args)


def method(o: Any, name: str) -> Any:
    """``o.name`` as Lua has it: a function that takes the object first."""
    name = field_of(name)
    own = getattr(o, "__dict__", {}).get(name)
    if own is not None and not isinstance(o, type | ModuleType):
        return lambda _, *args: own(*args)
    return getattr(o if isinstance(o, type | ModuleType) else type(o), name, None)


def new(o: Any, *args: Any) -> Any:
    """``o.new(...)``: of a tensor one of its type, else the function of that name."""
    return torch7.new(o, *args) if torch7.isTensor(o) else index(o, "new")(*args)


def _call_tensor(x: Any, name: str, args: tuple) -> Any:
    if name in ("dim", "nDimension"):
        return x.ndim if x.size else 0
    if name in ("nElement", "numel"):
        return x.size
    if name == "size":
        return x.shape[int(args[0]) - 1] if args and is_number(args[0]) else x.shape
    if name == "set":
        return reseat(x, args[0]) if args and torch7.isTensor(args[0]) else view_of(x, *args)
    in_place = getattr(torch7, name + "_", None)
    f = in_place if callable(in_place) else getattr(torch7, name)
    return f(x, *args)
