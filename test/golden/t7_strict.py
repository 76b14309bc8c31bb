"""A reader of binary .t7 files that knows the format and none of our classes: what Lua would find in a file."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

NIL, NUMBER, STRING, TABLE, OBJECT, BOOLEAN = range(6)
SIZES = {"Double": 8, "Float": 4, "Half": 2, "Long": 8, "Int": 4, "Short": 2, "Char": 1, "Byte": 1}


@dataclass(eq=False)
class Table:
    """A Lua table: its pairs in the order of the file."""

    pairs: list[tuple[Any, Any]] = field(default_factory=list)

    @property
    def fields(self) -> dict[Any, Any]:
        """The entries whose keys are strings or numbers."""
        return {key: value for key, value in self.pairs if isinstance(key, str | float)}


@dataclass(eq=False)
class Object:
    """An object of a class: ``fields`` is the table that it wrote."""

    name: str
    version: int
    table: Table | None = None

    @property
    def fields(self) -> dict[Any, Any]:
        return self.table.fields


@dataclass(eq=False)
class Storage:
    """A storage: its type, the number of its elements and their bytes."""

    name: str
    size: int
    data: bytes


@dataclass(eq=False)
class Tensor:
    """A tensor: sizes and strides, and where it starts (from 1) in its storage; without elements it has none."""

    name: str
    size: tuple[int, ...]
    stride: tuple[int, ...]
    start: int
    storage: Storage | None = None


class Reader:
    """Reads the objects of ``data``; anything that Torch's own reader would refuse is an AssertionError."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.known = data, 0, {}

    def take(self, form: str) -> Any:
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values if len(values) > 1 else values[0]

    def longs(self, count: int) -> tuple[int, ...]:
        return tuple(self.take("q") for _ in range(count))

    def string(self) -> str:
        length = self.take("i")
        assert 0 <= length <= len(self.data) - self.at
        return self.take(f"{length}s").decode("utf-8", "surrogateescape")

    def object(self) -> Any:
        tag = self.take("i")
        if tag == NIL:
            return None
        if tag == NUMBER:
            return self.take("d")
        if tag == STRING:
            return self.string()
        if tag == BOOLEAN:
            value = self.take("i")
            assert value in (0, 1)
            return bool(value)
        assert tag in (TABLE, OBJECT), f"tag {tag} at {self.at - 4}"
        index = self.take("i")
        if index in self.known:
            return self.known[index]
        return self.pairs(index) if tag == TABLE else self.instance(index)

    def pairs(self, index: int) -> Table:
        table = self.known[index] = Table()
        for _ in range(self.take("i")):
            key = self.object()
            assert key is not None and key == key, "no key of a Lua table"
            table.pairs.append((key, self.object()))
        keys = [key for key, _ in table.pairs if isinstance(key, str | float | bool)]
        assert len({(type(key), key) for key in keys}) == len(keys), "a key twice"
        assert all(value is not None for _, value in table.pairs), "nil in a table"
        return table

    def instance(self, index: int) -> Any:
        version = self.string()
        assert version.startswith("V "), version
        name = self.string()
        if name.startswith("torch.") and name.endswith("Storage"):
            return self.storage(index, name)
        if name.startswith("torch.") and name.endswith("Tensor"):
            return self.tensor(index, name)
        new = self.known[index] = Object(name, int(version[2:]))
        if name == "torch.Timer":
            return new
        if name == "nn.GPU" or (name == "nn.DataParallelTable" and new.version >= 2):
            self.object()
        new.table = self.object()
        assert isinstance(new.table, Table)
        return new

    def storage(self, index: int, name: str) -> Storage:
        size = self.take("q")
        width = size * SIZES[name[6:-7]]
        assert 0 <= width <= len(self.data) - self.at
        new = self.known[index] = Storage(name, size, self.data[self.at : self.at + width])
        self.at += width
        return new

    def tensor(self, index: int, name: str) -> Tensor:
        dims = self.take("i")
        new = self.known[index] = Tensor(name, self.longs(dims), self.longs(dims), self.take("q"))
        new.storage = self.object()
        assert new.storage is None or new.storage.name[6:-7] == name[6:-6]
        last = new.start + sum((n - 1) * s for n, s in zip(new.size, new.stride))
        assert new.start >= 1 and (0 in new.size or not dims or last <= new.storage.size)
        return new


def read(data: bytes) -> Any:
    """The one object in ``data``."""
    reader = Reader(data)
    value = reader.object()
    assert reader.at == len(data), "bytes after the object"
    return value
