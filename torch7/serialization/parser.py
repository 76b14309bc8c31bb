"""Bytes to records: the structure of a .t7 file, checked, without its tensors' elements and without recursion."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

from .classes import BYTES, COUNTED, STORAGES, TENSORS, values_of
from .errors import T7Error
from .limits import check_count, check_dims, check_tensor
from .paths import position_path
from .records import Function, Numbered, Object, Record, Storage, TableRecord, Tensor

NIL, NUMBER, STRING, TABLE, OBJECT, BOOLEAN = range(6)
LEGACY_FUNCTION, LEGACY_FUNCTION_2, FUNCTION = 6, 7, 8
_VERSION = re.compile(rb"V (-?\d{1,9})\Z")


class Parser:
    """Reads objects one after another from a source; ``records`` holds all that were begun, by their numbers."""

    def __init__(self, source: Any, referenced: bool = True) -> None:
        self.source = source
        self.referenced = referenced
        self.records = Numbered()
        self.begun: list[Record] = []  # in this object, in the order of the file
        self._open: list[Record] = []

    def parse(self) -> Any:
        """The next object: a record, or a plain value. What is wrong with it raises :class:`T7Error`."""
        top = Record(self.source.position, 1)
        self.begun, self._open = [], [top]
        mark = self.records.mark()
        try:
            self._parse()
        except Exception as e:
            self.records.back(mark)
            offset = getattr(e, "offset", None)
            message = e.message if isinstance(e, T7Error) else f"cannot be read: {type(e).__name__}: {e}".rstrip(": ")
            offset = self.source.position if offset is None else offset
            raise T7Error(message, offset, position_path(self._open)) from None
        return top.items[0]

    def _parse(self) -> None:
        while self._open:
            record = self._open[-1]
            if len(record.items) < record.expects:
                self._value(record.items)
            else:
                self._close(record)
                self._open.pop()

    def _value(self, items: list) -> None:
        start = self.source.position
        tag = self.source.int()
        if tag == NUMBER:
            items.append(self.source.double())
        elif tag == STRING:
            items.append(self.source.string())
        elif tag == NIL:
            items.append(None)
        elif tag == BOOLEAN:
            items.append(self.source.int() != 0)
        elif TABLE <= tag <= FUNCTION:
            items.append(self._record(tag, start))
        else:
            raise T7Error(f"unknown object type {tag}", start)

    def _record(self, tag: int, start: int) -> Any:
        """A record that was begun before, or a new one; an empty list for an empty table."""
        if tag == LEGACY_FUNCTION:
            return self._begin(self._function(tag, start))
        index = self.source.int()
        known = self.records.get(index) if self.referenced else None
        make, kind = {TABLE: (self._table, TableRecord), OBJECT: (self._object, Object)}.get(
            tag, (self._function, Function)
        )
        if known is None:
            record = make(tag, start)
            self.records.put(index, record)
            return self._begin(record) if isinstance(record, Record) else record
        if not isinstance(known, kind) and not (kind is TableRecord and isinstance(known, list)):
            raise T7Error(f"a {kind.kind} is expected, number {index} is a {getattr(known, 'kind', 'table')}", start)
        return known

    def _begin(self, record: Record) -> Record:
        self.begun.append(record)
        if record.expects:
            self._open.append(record)
        return record

    def _table(self, tag: int, start: int) -> TableRecord | list:
        count = self.source.int()
        check_count(count, 2 * self.source.smallest, self._left(), "a table")
        return TableRecord(start, count) if count else []

    def _function(self, tag: int, start: int) -> Function:
        return Function(start, tag, self.source.string())

    def _object(self, tag: int, start: int) -> Object:
        name, version = self.source.string(), None
        if match := _VERSION.match(name):
            name, version = self.source.string(), int(match[1])
        name = name.decode("utf-8", "surrogateescape")
        if name in TENSORS:
            return self._tensor(start, name, version)
        if name in STORAGES:
            count = self.source.long()
            return Storage(start, name, version, count, self.source.skip(STORAGES[name], count))
        if name in BYTES:
            record = Object(start, int(name == "torch.Timer" and self._timer_has_fields()), name, version)
            if record.expects:
                return record
            record.items.append(self.source.raw(BYTES[name]))
            return record
        return Object(start, self._expects(name, version), name, version)

    def _timer_has_fields(self) -> bool:
        """Whether a table of fields follows, as this library wrote once; Torch writes nothing of a timer.

        It is a table of our field ``_running`` first: what may follow in a file of Torch's is a key of the table that
        holds the timer, and no such table is one.
        """
        source = self.source
        start = source.position
        try:
            is_table = source.int() == TABLE and self.records.get(source.int()) is None and source.int() == 3
            return is_table and source.int() == STRING and source.string() == b"_running"
        except T7Error:  # nothing follows, or something else
            return False
        finally:
            source.position = start

    def _expects(self, name: str, version: int | None) -> int:
        if name not in COUNTED:
            return values_of(name, version)
        count = self.source.long()
        check_count(count, COUNTED[name] * self.source.smallest, self._left(), f"a {name}")
        return count * COUNTED[name]

    def _tensor(self, start: int, name: str, version: int | None) -> Tensor:
        dims = self.source.int()
        check_dims(dims)
        shape, strides, first = self.source.longs(dims), self.source.longs(dims), self.source.long() - 1
        return Tensor(start, name, version, shape or (0,), strides or (1,), first if dims else 0)

    def _left(self) -> int:
        return self.source.size - self.source.position

    def _close(self, record: Record) -> None:
        """What can be said of a record once all of it was read."""
        if isinstance(record, TableRecord):
            self._check_keys(record)
        elif isinstance(record, Tensor):
            check_tensor(record, TENSORS[record.name].itemsize)
            if record.storage is not None:
                record.storage.viewed = True
        elif type(record) is Object and record.name not in COUNTED and isinstance(record.items[-1], TableRecord | list):
            if isinstance(record.items[-1], list):
                record.items[-1] = self._begin(TableRecord(record.offset, 0))
            record.items[-1].fields = True

    def _check_keys(self, table: TableRecord) -> None:
        for key in islice(table.items, 0, None, 2):
            if key is None or key != key:
                raise T7Error(f"{key} as the key of a table", table.offset)
