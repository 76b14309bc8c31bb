"""Functions of arrays, which are new lists."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

from torch7.lualib import tostring

from .collections import contains, filter, pluck, reject
from .common import first_of, is_equal, is_table, several, value_at, values_of


def slice(t: Any, first: int = 1, last: int | None = None) -> list:
    return values_of(t)[first - 1 : last]


sub = slice


def first(t: Any, n: int = 1) -> list:
    return values_of(t)[:n]


def initial(t: Any, n: int = 1) -> list:
    found = values_of(t)
    return found[: len(found) - n] if n < len(found) else []


def last(t: Any, n: int | None = None) -> list:
    found = values_of(t)
    return found[1:] if n is None else found[-n:] if n else []


def rest(t: Any, i: int = 1) -> list:
    return values_of(t)[i - 1 :]


nth = value_at


def push(t: Any, *args: Any) -> Any:
    for v in args:
        t.append(v) if isinstance(t, list) else t.__setitem__(len(t) + 1, v)
    return t


def append(a: Any, b: Any) -> list:
    return values_of(a) + values_of(b)


def pop(t: list, n: int = 1) -> Any:
    """The first ``n`` values, which are removed."""
    return several([t.pop(0) for _ in range(n) if t])


def unshift(t: list, n: int = 1) -> Any:
    """The last ``n`` values, which are removed."""
    return several([t.pop() for _ in range(n) if t])


def pull(t: list, *args: Any) -> list:
    t[:] = [v for v in t if not contains(list(args), v)]
    return t


def removeRange(t: list, first: int = 1, last: int | None = None) -> list:
    del t[first - 1 : last]
    return t


def reverse(t: Any) -> list:
    return values_of(t)[::-1]


def range(*args: float) -> list:
    """``range(n)``: 1..n; ``range(first, last [, step])``."""
    if not args:
        return []
    start, stop = (1, args[0]) if len(args) == 1 else args[:2]
    step = args[2] if len(args) > 2 else -1 if stop < start else 1
    return [start + i * step for i in builtins.range(math.floor((stop - start) / step) + 1)]


def rep(value: Any, n: int) -> list:
    return [value] * n


def unique(t: Any) -> list:
    found: list = []
    for v in values_of(t):
        if not contains(found, v):
            found.append(v)
    return found


uniq = unique


def flatten(t: Any, shallow: bool = False) -> list:
    found: list = []
    for v in values_of(t):
        found += (values_of(v) if shallow else flatten(v)) if is_table(v) else [v]
    return found


def compact(t: Any) -> Any:
    return reject(t, lambda _, v: v is False)


def difference(t: Any, other: Any) -> Any:
    return filter(t, lambda _, v: not contains(other, v))


without = difference


def intersection(t: Any, other: Any) -> Any:
    return filter(t, lambda _, v: contains(other, v))


def union(*args: Any) -> list:
    return unique(flatten(list(args), True))


def zip(*args: Any) -> list:
    longest = len(sorted(args, key=len)[-1]) if args else 0
    return [pluck(list(args), i) for i in builtins.range(1, longest + 1)]


def chunk(t: Any, f: Callable) -> list:
    """Runs of values of one mark."""
    found: list = []
    before = None
    for i, v in enumerate(values_of(t), 1):
        mark = first_of(f(i, v))
        if not found or mark != before:
            found.append([])
        found[-1].append(v)
        before = mark
    return found


def indexOf(t: Any, value: Any) -> int | None:
    return next((i for i, v in enumerate(values_of(t), 1) if v is value or v == value), None)


def lastIndexOf(t: Any, value: Any) -> int | None:
    return next((i for i, v in reversed(list(enumerate(values_of(t), 1))) if v is value or v == value), None)


def find(t: Any, value: Any, first: int = 1) -> int | None:
    return next((i for i, v in enumerate(values_of(t), 1) if i >= first and is_equal(v, value)), None)


def concat(t: Any, separator: str = "", first: int = 1, last: int | None = None) -> str:
    return separator.join(tostring(v) for v in values_of(t)[first - 1 : last])


def sum(t: Any) -> float:
    return builtins.sum(values_of(t))


def mean(t: Any) -> float:
    return sum(t) / len(t)
