"""What a .t7 file says, before Python objects are made of it: one record for each table, object and function.

A record's ``items`` are the values that follow it in the file: None, bool, float, bytes or another record; an empty
table, of which there may be millions, is the empty list that it becomes. A record is complete when it has as many as
it ``expects``.
"""

from __future__ import annotations

from typing import Any


class Record:
    """Anything with an index: ``offset`` is its first byte, ``value`` the Python object made of it."""

    __slots__ = ("expects", "items", "offset", "value")
    kind = "value"

    def __init__(self, offset: int, expects: int) -> None:
        self.offset, self.expects, self.items = offset, expects, []


class TableRecord(Record):
    """A Lua table: ``items`` are key, value, key, value ... ``fields`` marks the contents of an object.

    ``cls`` is the class of dict that the class of an object wants one of its fields to be, else None.
    """

    __slots__ = ("cls", "fields")
    kind = "table"

    def __init__(self, offset: int, count: int) -> None:
        super().__init__(offset, 2 * count)
        self.fields = False
        self.cls: Any = None

    def pairs(self) -> zip:
        return zip(self.items[0::2], self.items[1::2])


class Numbered:
    """Records by the number that refers to them: a list for 1, 2, 3 ..., as writers count, and a dict for the rest."""

    def __init__(self) -> None:
        self._listed: list[Any] = []
        self._others: dict[int, Any] = {}

    def get(self, index: int) -> Any:
        """The record of a number, or None."""
        return self._listed[index - 1] if 0 < index <= len(self._listed) else self._others.get(index)

    def put(self, index: int, record: Any) -> None:
        if index == len(self._listed) + 1:
            self._listed.append(record)
        else:
            self._others[index] = record

    def mark(self) -> tuple[int, int]:
        """How far it is filled, for :meth:`back`."""
        return len(self._listed), len(self._others)

    def back(self, mark: tuple[int, int]) -> None:
        """Forget what came after a :meth:`mark`."""
        del self._listed[mark[0] :]
        while len(self._others) > mark[1]:
            self._others.popitem()


class Function(Record):
    """A Lua function: its layout, its bytes and, as the one item, its upvalues."""

    __slots__ = ("code", "tag")
    kind = "function"

    def __init__(self, offset: int, tag: int, code: bytes) -> None:
        super().__init__(offset, 1)
        self.tag, self.code = tag, code


class Object(Record):
    """A torch object: class name, version (None without a header) and what its class wrote."""

    __slots__ = ("name", "version")
    kind = "object"

    def __init__(self, offset: int, expects: int, name: str, version: int | None) -> None:
        super().__init__(offset, expects)
        self.name, self.version = name, version


class Tensor(Object):
    """A view; ``start`` is its first element in the storage, from 0. The one item is the storage or None."""

    __slots__ = ("shape", "start", "strides")

    def __init__(self, offset: int, name: str, version: int | None, shape: tuple, strides: tuple, start: int) -> None:
        super().__init__(offset, 1, name, version)
        self.shape, self.strides, self.start = shape, strides, start

    @property
    def storage(self) -> Any:
        return self.items[0]


class Storage(Object):
    """``count`` elements, in the bytes ``span`` of the file; ``viewed`` once a tensor lies over them."""

    __slots__ = ("array", "count", "span", "viewed")

    def __init__(self, offset: int, name: str, version: int | None, count: int, span: tuple[int, int]) -> None:
        super().__init__(offset, 0, name, version)
        self.count, self.span = count, span
        self.viewed, self.array = False, None
