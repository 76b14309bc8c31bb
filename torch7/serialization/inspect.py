"""``python -m torch7 inspect``: the tree of a file, from its records alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from .outline import Entry, outline
from .parser import Parser
from .paths import cut
from .records import Function, Object, Record, Storage, TableRecord, Tensor
from .report import Report, is_known, is_object, mode, replacement, report, tensor_type
from .sources import AsciiSource
from .tables import number

DEPTH = 24
ITEMS = 12


def describe(root: Any, parser: Parser, depth: int = DEPTH, items: int = ITEMS) -> Report:
    """What ``root`` holds; its tree has at most ``depth`` levels, and ``items`` entries of a table of plain values."""
    entries = outline(root)
    return report(entries, [_encoding(parser), *_tree(entries, depth, items)])


def _tree(entries: list[Entry], depth: int, items: int) -> Iterator[str]:
    shared = Counter(id(e.item.storage) for e in entries if isinstance(e.item, Tensor) and e.first is None)
    shown: Counter[int] = Counter()
    for entry in entries:
        if entry.depth <= depth and _is_shown(entry, shown, items):
            label = f"{cut(entry.label).lstrip('.')}: " if entry.label else ""
            yield "  " * entry.depth + label + entry_text(entry, shared)
        elif entry.depth == depth + 1 and shown[id(entry.parent)] == 0:
            shown[id(entry.parent)] = 1
            yield "  " * entry.depth + "..."


def _is_shown(entry: Entry, shown: Counter, items: int) -> bool:
    """Plain values of a table after the first ones are left out; the table's own line says how many there are."""
    if isinstance(entry.item, Record) or entry.parent is None or not isinstance(entry.parent.item, TableRecord):
        return True
    shown[id(entry.parent)] += 1
    return shown[id(entry.parent)] <= items


def _encoding(parser: Parser) -> str:
    source = parser.source
    kind = "ASCII" if isinstance(source, AsciiSource) else f"binary, longs of {source.long_size} bytes"
    more = f", {source.size - source.position} more bytes after the first object"
    return f"{kind}, {source.size} bytes{more if source.position < source.size else ''}"


def entry_text(entry: Entry, shared: Counter) -> str:
    """One line on an entry; ``shared`` counts the tensors on each storage, by its id."""
    item = entry.item
    if isinstance(item, list):
        return "list of 0"
    if not isinstance(item, Record):
        return _plain(item)
    if entry.first is not None:
        return f"same as {entry.first.path or 'the whole'}"
    if isinstance(item, TableRecord):
        return f"{_table(item)}{_parameters(entry)}"
    if isinstance(item, Tensor):
        return _tensor(item, shared)
    if isinstance(item, Storage):
        return f"{item.name} of size {item.count}"
    if isinstance(item, Function):
        return f"Lua function, {len(item.code)} bytes, not run"
    return f"{item.name}{_class(item)}{_parameters(entry)}{_state(entry)}"


def _plain(item: Any) -> str:
    if isinstance(item, bytes):
        text = item.decode("utf-8", "backslashreplace")
        return repr(text if len(text) <= 60 else f"{text[:60]}... ({len(item)} bytes)")
    if isinstance(item, float):
        return repr(number(item))
    return {None: "nil", True: "true", False: "false"}[item]


def _table(table: TableRecord) -> str:
    keys = table.items[::2]
    listed = all(isinstance(k, float) for k in keys) and sorted(keys) == list(range(1, len(keys) + 1))
    return f"{'list' if listed else 'table'} of {len(keys)}"


def _tensor(tensor: Tensor, shared: Counter) -> str:
    size = "x".join(map(str, tensor.shape)) if all(tensor.shape) else "without elements"
    text = f"{tensor.name} {size}"
    if tensor.storage is not None and shared[id(tensor.storage)] > 1:
        text += f", from element {tensor.start + 1} of a shared storage of {tensor.storage.count}"
    return text


def _class(record: Object) -> str:
    version = f", version {record.version}" if record.version not in (1, None) else ""
    if not is_object(record):
        return version
    other = replacement(record)
    return version + (f", here {other}" if other else "" if is_known(record) else ", unknown class")


def _state(entry: Entry) -> str:
    """Type and mode of a module, where they are not those of the object that it is in."""
    outer = entry.parent
    while outer is not None and not is_object(outer.item):
        outer = outer.parent
    told = [(tell(entry.item), outer and tell(outer.item)) for tell in (tensor_type, mode)]
    return "".join(f", {own}" for own, around in told if own is not None and own != around)


def _parameters(entry: Entry) -> str:
    return f", {entry.parameters:,} parameters" if entry.parameters else ""
