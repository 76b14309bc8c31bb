"""Functions of all tables: ``f(key, value)`` for each entry."""

from __future__ import annotations

import builtins
import random
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from .common import entries, first_of, is_array, is_equal, is_table, is_true, made, value_at, values_of


def each(t: Any, f: Callable, *args: Any) -> None:
    for k, v in entries(t):
        f(k, v, *args)


def eachi(t: Any, f: Callable, *args: Any) -> None:
    for i, v in enumerate(values_of(t), 1):
        f(i, v, *args)


def map(t: Any, f: Callable, *args: Any) -> Any:
    """``f(k, v)`` for each value; a function that gives two values gives a key and a value."""
    found = []
    for k, v in entries(t):
        result = f(k, v, *args)
        pair = isinstance(result, tuple) and len(result) > 1 and result[1] is not None
        found.append((result[0], result[1]) if pair else (k, first_of(result)))
    return made(found)


def reduce(t: Any, f: Callable, state: Any = None) -> Any:
    for _, v in entries(t):
        state = v if state is None else first_of(f(state, v))
    return state


def reduceRight(t: Any, f: Callable, state: Any = None) -> Any:
    return reduce(values_of(t)[::-1], f, state)


def filter(t: Any, f: Callable, *args: Any) -> Any:
    kept = [(k, v) for k, v in entries(t) if is_true(f(k, v, *args))]
    return [v for _, v in kept] if is_array(t) else dict(kept)


def reject(t: Any, f: Callable, *args: Any) -> Any:
    return filter(t, lambda k, v: not is_true(f(k, v, *args)))


select = filter


def detect(t: Any, value: Any) -> Any:
    """The key of a value, of one that equals a table, or of the first for which a function is true."""
    test = value if callable(value) else lambda v: is_equal(v, value)
    return next((k for k, v in entries(t) if is_true(test(v))), None)


def contains(t: Any, value: Any) -> bool:
    return detect(t, value) is not None


include = any = some = contains


def all(t: Any, f: Callable, *args: Any) -> bool:
    return next((False for k, v in entries(t) if not is_true(f(k, v, *args))), True)


def count(t: Any, value: Any = None) -> int:
    return builtins.sum(value is None or is_equal(v, value) for _, v in entries(t))


def size(*args: Any) -> int:
    return len(entries(args[0])) if args and is_table(args[0]) else len(args)


def max(t: Any, f: Callable | None = None, *args: Any) -> Any:
    return _best(t, f, args, lambda a, b: a > b)


def min(t: Any, f: Callable | None = None, *args: Any) -> Any:
    return _best(t, f, args, lambda a, b: a < b)


def _best(t: Any, f: Callable | None, args: tuple, better: Callable) -> Any:
    best = mark = None
    for _, v in entries(t):
        m = v if f is None else first_of(f(v, *args))
        if mark is None or better(m, mark):
            best, mark = v, m
    return best


def groupBy(t: Any, f: Callable, *args: Any) -> Any:
    found: dict = {}
    for k, v in entries(t):
        found.setdefault(first_of(f(k, v, *args)), []).append(v)
    return made(found.items())


def countBy(t: Any, f: Callable, *args: Any) -> Any:
    found: dict = {}
    for k, v in entries(t):
        key = first_of(f(k, v, *args))
        found[key] = found.get(key, 0) + 1
    return made(found.items())


def pluck(t: Any, key: Any) -> list:
    return [x for x in (value_at(v, key) for v in values_of(t)) if x is not None]


def sort(t: Any, before: Callable | None = None) -> Any:
    """In place."""
    ordered = sorted(values_of(t), key=None if before is None else _order(before))
    for i, v in enumerate(ordered):
        t[i if isinstance(t, list) else i + 1] = v
    return t


def _order(before: Callable) -> Any:
    return cmp_to_key(lambda a, b: -1 if is_true(before(a, b)) else int(is_true(before(b, a))))


def sortBy(t: Any, f: Any) -> list:
    return sorted(values_of(t), key=(lambda v: value_at(v, f)) if isinstance(f, str) else lambda v: first_of(f(v)))


def shuffle(t: Any) -> list:
    found = [v for _, v in entries(t)]
    random.shuffle(found)
    return found


def toArray(*args: Any) -> list:
    return list(args)


def sameKeys(a: Any, b: Any) -> bool:
    return {k for k, _ in entries(a)} == {k for k, _ in entries(b)}
