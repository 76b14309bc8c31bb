"""Functions of tables as objects, of functions, and what kind a value is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from torch7.lualib import type as lua_type

from .arrays import flatten
from .common import entries, first_of, is_equal, is_table, made, several, value_at

isEqual, isTable = is_equal, is_table


def keys(t: Any) -> list:
    return [k for k, _ in entries(t)]


def values(t: Any) -> list:
    return [v for _, v in entries(t)]


def pairs(t: Any) -> list:
    return [list(entry) for entry in entries(t)]


def extend(t: Any, *args: Any) -> Any:
    """``t`` with the entries of the others."""
    for other in args:
        for k, v in entries(other):
            if isinstance(t, list) and k == len(t) + 1:
                t.append(v)
            else:
                t[k - 1 if isinstance(t, list) else k] = v
    return t


def clone(t: Any, shallow: bool = False) -> Any:
    return made((k, v if shallow else clone(v)) for k, v in entries(t)) if is_table(t) else t


def has(t: Any, key: Any) -> bool:
    return value_at(t, key) is not None


def pick(t: Any, *args: Any) -> Any:
    return made((k, value_at(t, k)) for k in flatten(list(args)) if has(t, k))


def omit(t: Any, *args: Any) -> Any:
    out = flatten(list(args))
    return made((k, v) for k, v in entries(t) if k not in out)


def invert(t: Any) -> Any:
    return made((v, k) for k, v in entries(t))


def identity(v: Any = None) -> Any:
    return v


def once(f: Callable) -> Callable:
    """``f`` with the arguments of its first call."""
    kept: list[tuple] = []

    def call(*args: Any) -> Any:
        kept.append(args)
        return f(*kept[0])

    return call


def memoize(f: Callable) -> Callable:
    kept: dict = {}

    def call(x: Any) -> Any:
        if kept.get(x) is None:
            kept[x] = first_of(f(x))
        return kept[x]

    return call


def compose(*args: Callable) -> Callable:
    """The last function first."""

    def call(*values: Any) -> Any:
        for f in reversed(args):
            result = f(*values)
            values = result if isinstance(result, tuple) else (result,)
        return several(list(values))

    return call


def bind(f: Callable, v: Any) -> Callable:
    return lambda *args: f(v, *args)


def times(n: int, f: Callable, *args: Any) -> list:
    return [first_of(f(i, *args)) for i in range(1, n + 1)]


def isString(v: Any) -> bool:
    return isinstance(v, str)


def isFunction(v: Any) -> bool:
    return lua_type(v) == "function"


def isNumber(v: Any) -> bool:
    return lua_type(v) == "number"


def isBoolean(v: Any) -> bool:
    return isinstance(v, bool)


def isNil(v: Any = None) -> bool:
    return v is None


def isNaN(v: Any) -> bool:
    return v != v


def isInteger(v: Any) -> bool:
    return isNumber(v) and math.isfinite(v) and math.floor(v) == v


def isCallable(v: Any) -> bool:
    return callable(v)


def isArray(v: Any) -> bool:
    return is_table(v) and [k for k, _ in entries(v)] == list(range(1, len(entries(v)) + 1))


def isEmpty(v: Any = None) -> bool:
    return v is None or v == "" or (is_table(v) and not entries(v))
