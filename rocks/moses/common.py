"""Tables of Lua as Python has them: lists, dicts and :class:`torch7.lualib.Table`, with keys from 1."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch7.lualib import Table, ipairs, pairs


def entries(t: Any) -> list[tuple[Any, Any]]:
    """The keys and values that are not nil."""
    return [(k, v) for k, v in pairs(t) if v is not None]


def values_of(t: Any) -> list:
    """The values at 1, 2, ... up to the first nil."""
    return [v for _, v in ipairs(t)]


def made(entries: Iterable[tuple[Any, Any]]) -> Any:
    """A list where the keys are 1..n, else a dict."""
    found = dict(entries)
    return list(found.values()) if list(found) == list(range(1, len(found) + 1)) else found


def first_of(result: Any) -> Any:
    return (result[0] if result else None) if isinstance(result, tuple) else result


def is_true(result: Any) -> bool:
    value = first_of(result)
    return value is not None and value is not False


def is_array(t: Any) -> bool:
    return isinstance(t, list | tuple) or value_at(t, 1) is not None


def several(found: list) -> Any:
    """As many results as there are."""
    return found[0] if len(found) == 1 else tuple(found) or None


def is_table(v: Any) -> bool:
    return isinstance(v, list | dict | tuple | Table)


def is_equal(a: Any, b: Any) -> bool:
    """Whether two values are the same, tables by their contents."""
    if not is_table(a) or not is_table(b):
        return bool(a is b or ((type(a) is bool) == (type(b) is bool) and a == b))
    first, second = dict(entries(a)), dict(entries(b))
    return first.keys() == second.keys() and all(is_equal(v, second[k]) for k, v in first.items())


def value_at(t: Any, key: Any) -> Any:
    """``t[key]``, nil where there is none."""
    if isinstance(t, list | tuple):
        return t[key - 1] if isinstance(key, int) and 1 <= key <= len(t) else None
    return t.get(key) if isinstance(t, dict) else t[key] if isinstance(t, Table) else getattr(t, key, None)
