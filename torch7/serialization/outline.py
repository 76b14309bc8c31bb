"""A list of all that is in a file, parents before their contents, with the parameters found."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .paths import cut, full_step, join
from .records import Object, Record, TableRecord, Tensor

STATISTICS = ("running_mean", "running_var", "running_std")


@dataclass(slots=True)
class Entry:
    """One place: ``item`` (a record or a value) under ``label`` in ``parent``.

    ``first`` is the entry that shows the same record before; ``parameters`` counts elements, each parameter once.
    """

    label: str
    item: Any
    parent: Entry | None
    depth: int
    first: Entry | None = None
    parameters: int = 0

    @property
    def path(self) -> str:
        """Where it is, for people: what is long is cut."""
        return join([cut(label) for label in self._labels()])

    @property
    def name(self) -> str:
        """Where it is, in full."""
        return "".join(self._labels()).lstrip(".")

    def _labels(self) -> list[str]:
        labels, entry = [], self
        while entry is not None:
            labels.append(entry.label)
            entry = entry.parent
        return labels[::-1]


def outline(root: Any) -> list[Entry]:
    """Entries of everything below ``root``."""
    entries: list[Entry] = []
    first: dict[int, Entry] = {}
    stack = [Entry("", root, None, 0)]
    while stack:
        entry = stack.pop()
        entries.append(entry)
        if isinstance(entry.item, Record):
            entry.first = first.get(id(entry.item))
            if entry.first is None:
                first[id(entry.item)] = entry
                stack.extend(reversed(list(_contents(entry))))
    _count(entries)
    return entries


def _contents(entry: Entry) -> Iterator[Entry]:
    record, depth = entry.item, entry.depth + 1
    if isinstance(record, Tensor):
        return
    table = fields_of(record)
    if table is not None:
        for key, value in table.pairs():
            yield Entry(full_step(key), value, entry, depth)
    else:
        for i, item in enumerate(record.items, 1):
            yield Entry(f"[{i}]" if isinstance(record, Object) else ".<upvalues>", item, entry, depth)


def fields_of(record: Record) -> TableRecord | None:
    """The table that holds the contents: the record itself or the fields of an object."""
    if isinstance(record, TableRecord):
        return record
    last = record.items[-1] if record.items else None
    return last if isinstance(last, TableRecord) and last.fields else None


def is_parameter(entry: Entry) -> bool:
    """Whether an entry is a parameter of its object: weight, bias, or a tensor ``x`` beside ``gradX``."""
    owner = entry.parent and entry.parent.item
    fields = fields_of(owner) if isinstance(owner, Object) else None
    if not isinstance(entry.item, Tensor) or fields is None:
        return False
    name = entry.label[1:]
    gradient = f"grad{name[:1].upper()}{name[1:]}".encode()
    if name in ("weight", "bias"):
        return True
    return name not in ("input", "output") and any(gradient == key for key in fields.items[::2])


def view_of(tensor: Tensor) -> tuple:
    """What two tensors share when they are the same parameter."""
    return id(tensor.storage) if tensor.storage else id(tensor), tensor.start, tensor.shape, tensor.strides


def _count(entries: list[Entry]) -> None:
    seen = set()
    for entry in entries:
        if is_parameter(entry) and view_of(entry.item) not in seen:
            seen.add(view_of(entry.item))
            entry.parameters = math.prod(entry.item.shape)
    for entry in reversed(entries):
        if entry.parent is not None:
            entry.parent.parameters += entry.parameters
