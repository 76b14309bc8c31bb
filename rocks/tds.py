"""``require 'tds'``: Hash and Vec, the tables that Torch kept outside of Lua's memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from torch7 import TorchObject
from torch7.lua import lua_number


def _inner(value: Any) -> Any:
    """Tables put into a Hash or Vec become such themselves, as do those of a file."""
    if isinstance(value, TorchObject) and value.torch_typename in ("tds.Hash", "tds.Vec"):
        return (Hash if value.torch_typename == "tds.Hash" else Vec)(value)
    if isinstance(value, list) and not isinstance(value, Vec):
        return Vec(value)
    return Hash(value) if isinstance(value, dict) and not isinstance(value, Hash) else value


class Hash(dict):
    """A table by keys: ``h = tds.Hash({'a': 1})``, ``h['a']``, ``h.a``; a key that is not there is None; ``len(h)``.

    ``tds.Hash(torch7.load(file))`` makes one of what a file holds; ``torch7.save`` writes it as Lua's.
    """

    torch_typename = "tds.Hash"
    lua_methods = frozenset()

    def __init__(self, values: Any = None) -> None:
        super().__init__()
        values = values.fields if isinstance(values, TorchObject) else values
        for key, value in enumerate(values, 1) if isinstance(values, list) else (values or {}).items():
            self[key] = value

    def __missing__(self, key: Any) -> None:
        return None

    def __setitem__(self, key: Any, value: Any) -> None:
        if value is None:
            self.pop(key, None)
        else:
            super().__setitem__(key, _inner(value))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def copy(self) -> Hash:
        return Hash(self)

    def __str__(self) -> str:
        return f"tds.Hash[{len(self)}]{{" + "".join(f"\n{k} : {_shown(v)}" for k, v in self.items()) + "\n}"


def _shown(value: Any) -> str:
    return lua_number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


class Vec(list):
    """A row, counted from 1: ``v = tds.Vec(5, 6)``, ``v[1]``, ``v[len(v) + 1] = 7``, ``v.insert(7)``.

    ``tds.Vec(torch7.load(file))`` makes one of what a file holds; ``torch7.save`` writes it as Lua's.
    """

    torch_typename = "tds.Vec"
    lua_methods = frozenset({"insert", "remove", "sort", "resize", "concat"})  # by a colon in Lua

    def __init__(self, *values: Any) -> None:
        values = (values[0].fields,) if len(values) == 1 and isinstance(values[0], TorchObject) else values
        given = list(values[0]) if len(values) == 1 and isinstance(values[0], list | tuple) else list(values)
        super().__init__(_inner(x) for x in given)

    def _place(self, i: int, most: int) -> int:
        if not isinstance(i, int | float) or i != int(i) or not 1 <= i <= most:
            raise IndexError(f"tds.Vec: index {i} is not in 1..{most}")
        return int(i) - 1

    def __getitem__(self, i: Any) -> Any:
        return super().__getitem__(self._place(i, len(self)))

    def __setitem__(self, i: Any, value: Any) -> None:
        place = self._place(i, len(self) + 1)
        if place == len(self):
            super().append(_inner(value))
        else:
            super().__setitem__(place, _inner(value))

    def insert(self, *args: Any) -> None:
        """``insert(value)`` at the end, ``insert(i, value)`` before the i-th."""
        place = len(self) if len(args) == 1 else self._place(args[0], len(self) + 1)
        super().insert(place, _inner(args[-1]))

    def append(self, value: Any) -> None:
        super().append(_inner(value))

    def remove(self, i: int | None = None) -> Any:
        """Take out the i-th, or the last; None from an empty row."""
        return super().pop(self._place(len(self) if i is None else i, len(self))) if len(self) else None

    def sort(self, before: Any = None) -> None:
        """In order; ``before(a, b)`` says whether a comes before b."""
        from functools import cmp_to_key

        key = None if before is None else cmp_to_key(lambda a, b: -1 if before(a, b) else 1 if before(b, a) else 0)
        super().sort(key=key)

    def resize(self, n: int) -> None:
        """``n`` entries: new ones are None, those beyond are cut off."""
        del self[int(n) :]
        super().extend([None] * (int(n) - len(self)))

    def concat(self, separator: str | None = None) -> str:
        """The entries as one text."""
        return (separator or "").join(map(_shown, self))

    def __delitem__(self, i: Any) -> None:
        super().__delitem__(i if isinstance(i, slice) else self._place(i, len(self)))

    def copy(self) -> Vec:
        return Vec(list(self))

    def __str__(self) -> str:
        return f"tds.Vec[{len(self)}]{{" + "".join(f"\n{i} : {_shown(v)}" for i, v in enumerate(self, 1)) + "\n}"


class AtomicCounter:
    """A number that threads count up: ``inc()`` and ``get()``."""

    torch_typename = "tds.AtomicCounter"

    def __init__(self) -> None:
        self._value, self._lock = 0, threading.Lock()

    def inc(self) -> int:
        with self._lock:
            self._value += 1
            return self._value

    def incBy(self, n: int) -> int:
        with self._lock:
            self._value += int(n)
            return self._value

    def set(self, n: int) -> None:
        self._value = int(n)

    def get(self) -> int:
        return self._value


def pairs(table: Any) -> Iterator[tuple[Any, Any]]:
    """Keys and values of a Hash or Vec."""
    return iter(table.items()) if isinstance(table, dict) else iter(enumerate(table, 1))


def type(x: Any) -> str:
    """``'tds.Hash'``, ``'tds.Vec'``, or Torch's word."""
    import torch7

    return torch7.type(x)


hash, vec = Hash, Vec
