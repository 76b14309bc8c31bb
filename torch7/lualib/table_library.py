"""Lua's functions over tables, which also take lists and dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cmp_to_key
from types import SimpleNamespace
from typing import Any

from ..lua import is_number
from .table import Identity, Table, rawset, truth_of


def pairs(t: Any) -> Any:
    """The keys and values of a table, list, dict or object."""
    if isinstance(t, Table):
        places = range(1, len(t) + 1)
        return [(i, t._content[i]) for i in places] + [
            (k.of if isinstance(k, Identity) else k, x)
            for k, x in list(t._content.items())
            if not (isinstance(k, int) and k in places)
        ]
    if isinstance(t, list | tuple):
        return [(i, x) for i, x in enumerate(t, 1) if x is not None]
    fields = list((t if isinstance(t, dict) else vars(t)).items())
    return [(k.of if isinstance(k, Identity) else k, x) for k, x in fields if x is not None]


def ipairs(t: Any) -> Iterator[tuple[int, Any]]:
    """Places from 1 and their values up to the first nil."""
    i = 1
    while (value := _place(t, i)) is not None:
        yield i, value
        i += 1


def _place(t: Any, i: int) -> Any:
    if isinstance(t, list | tuple):
        return t[i - 1] if i <= len(t) else None
    return t[i] if isinstance(t, Table) else t.get(i)


def next(t: Any, key: Any = None) -> tuple:
    """The pair that follows a key; (None,) at the end."""
    found = pairs(t)
    if key is not None:
        place = [k for k, _ in found].index(key)
        found = found[place + 1 :]
    return found[0] if found else (None,)


def unpack(t: Any, first: int = 1, last: int | None = None) -> tuple:
    """The values at the places ``first`` to ``last``."""
    return tuple(_place(t, i) for i in range(int(first), int(len(t) if last is None else last) + 1))


def _insert(t: Any, *args: Any) -> None:
    if isinstance(t, list):
        t.insert(int(args[0]) - 1, args[1]) if len(args) > 1 else t.append(args[0])
        return
    count = _length(t)
    place, value = (count + 1, args[0]) if len(args) == 1 else (int(args[0]), args[1])
    for i in range(count, place - 1, -1):
        t[i + 1] = t[i]
    t[place] = value


def _length(t: Any) -> int:
    if not isinstance(t, dict):
        return len(t)
    n = 0
    while t.get(n + 1) is not None:
        n += 1
    return n


def _remove(t: Any, place: int | None = None) -> Any:
    n = _length(t)
    if n == 0:
        return None
    place = n if place is None else int(place)
    if isinstance(t, list):
        return t.pop(place - 1) if 1 <= place <= n else None
    value = t[place]
    for i in range(place, n):
        t[i] = t[i + 1]
    rawset(t, n, None)
    return value


def _concat(t: Any, separator: str = "", first: int = 1, last: int | None = None) -> str:
    from .show import tostring

    values = unpack(t, first, _length(t) if last is None else last)
    for i, x in enumerate(values, int(first)):
        if not isinstance(x, str) and not is_number(x):
            raise TypeError(f"invalid value ({'nil' if x is None else x!r}) at index {i} in table for 'concat'")
    return separator.join(map(tostring, values))


def _sort(t: Any, before: Callable[[Any, Any], Any] | None = None) -> None:
    values = list(unpack(t, 1, _length(t)))
    if before is None:
        values.sort()
    else:
        values.sort(key=cmp_to_key(lambda a, b: -1 if truth_of(before(a, b)) else int(truth_of(before(b, a)))))
    if isinstance(t, list):
        t[:] = values
    else:
        for i, x in enumerate(values, 1):
            t[i] = x


def _maxn(t: Any) -> Any:
    return max([k for k, _ in pairs(t) if is_number(k) and k > 0], default=0)


table = SimpleNamespace(
    insert=_insert, remove=_remove, concat=_concat, sort=_sort, maxn=_maxn, unpack=unpack, getn=_length
)
