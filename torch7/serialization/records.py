"""What a .t7 file says, before Python objects are made of it: one record for each table, object and function.

A record's ``items`` are the values that follow it in the file: None, bool, float, bytes or another record. It is
complete when it has as many as it ``expects``.
"""

from __future__ import annotations

from typing import Any


class Record:
    """Anything with an index: ``offset`` is its first byte, ``value`` the Python object made of it."""

    __slots__ = ("expects", "items", "offset", "value")
    kind = "value"

    def __init__(self, offset: int, expects: int) -> None:
        self.offset, self.expects, self.items = offset, expects, []


class Table(Record):
    """A Lua table: ``items`` are key, value, key, value ... ``fields`` marks the contents of an object."""

    __slots__ = ("fields",)
    kind = "table"

    def __init__(self, offset: int, count: int) -> None:
        super().__init__(offset, 2 * count)
        self.fields = False

    def pairs(self) -> zip:
        return zip(self.items[0::2], self.items[1::2])


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
