"""Records to Python values: shells first, then their contents, so that cycles need no care and nothing recurses."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from .. import registry
from ..generator import Generator
from ..timer import Timer
from . import aliases
from .attributes import KEPT, LEFT_OUT, constructor_fields, hides, is_bare, is_hollow, keyed, python_name, transient
from .classes import BYTES, COUNTED, STORAGES, TENSORS, on_cpu
from .errors import T7Error
from .limits import MAX_DIMS
from .lua_fields import left_out
from .packages import class_of, find_class
from .paths import path_to, paths_to, printable
from .records import Function, Object, Record, Storage, TableRecord, Tensor
from .tables import number, table_shell
from .values import LuaFunction, LuaTable, TorchObject, functions
from .values import Storage as StorageValue

_SHOWN = 20  # unknown classes that have a warning each


class Builder:
    """Makes Python values of the records of a parser; strings that ``encoding`` cannot decode stay bytes."""

    def __init__(self, source: Any, encoding: str = "utf-8") -> None:
        self.source = source
        self.encoding = encoding
        self.classes: dict[str, type | None] = {}
        self.unknown: dict[str, list[Record]] = {}

    def build(self, root: Any, begun: list[Record]) -> Any:
        """The value of ``root``, whose new records are ``begun``."""
        self.root, self.kept, self.unknown = root, [], {}
        for record in begun:
            if type(record) is Object and _has_table(record):
                self._guarded(self._declare_tables, record)
        for record in begun:
            record.value = self._guarded(self._shell, record)
        for record in begun:
            self._guarded(self._fill, record)
        objects = [r for r in reversed(begun) if type(r) is Object and _has_fields(r)]
        for record in objects:
            self._guarded(self._restore_fields, record)
        for record in objects:
            if hasattr(type(record.value), "_restore"):
                self._guarded(_restore, record)
        for finish in registry.finishing():
            finish([record.value for record in objects])
        self._warn()
        value = self._value(root)
        for record in begun:  # a graph's go round in circles, which would keep its arrays alive until these are found
            record.items = []
        return value

    def _guarded(self, make: Any, record: Record) -> Any:
        """Classes find in a damaged file what they never wrote: whatever they raise is an error of the file."""
        try:
            return make(record)
        except T7Error as e:
            raise T7Error(e.message, e.offset or record.offset, path_to(self.root, record)) from None
        except Exception as e:
            name = printable(getattr(record, "name", record.kind))
            message = f"{name} cannot be made of what the file has: {type(e).__name__}: {e}"
            raise T7Error(message, record.offset, path_to(self.root, record)) from e

    # -- shells

    def _shell(self, record: Record) -> Any:
        if isinstance(record, TableRecord):
            return table_shell(record) if record.cls is None else record.cls()
        if isinstance(record, Tensor):
            return self.tensor(record)
        if isinstance(record, Storage):
            return self._storage(record)
        if isinstance(record, Function):
            known = functions.read and functions.read(record.tag, record.code)
            return known or LuaFunction(record.tag, record.code)
        return self._object_shell(record)

    def _declare_tables(self, record: Object) -> None:
        """Fields that the class wants as dicts of a class of its own, ``_table_classes = {"data": Fields}``."""
        declared = getattr(self._class(record.name), "_table_classes", None)
        for key, value in record.items[-1].pairs() if declared else ():
            cls = declared.get(self._field_name(key)) if isinstance(key, bytes) else None
            if (
                cls is not None
                and isinstance(value, TableRecord)
                and all(isinstance(k, bytes) for k in value.items[::2])
            ):
                value.cls = cls

    def _object_shell(self, record: Object) -> Any:
        if record.name in BYTES:
            return self._state(record)
        cls = self._class(record.name)
        if record.name not in COUNTED and (cls := class_of(record, cls)) is not None:
            return cls.__new__(cls)
        if record.name not in COUNTED:
            self.unknown.setdefault(record.name, []).append(record)
        return TorchObject(record.name, None, record.version)

    def _class(self, name: str) -> type | None:
        if name not in self.classes:
            self.classes[name] = find_class(name)
        return self.classes[name]

    @staticmethod
    def _state(record: Object) -> Generator | Timer:
        if record.name == "torch.Timer":
            return Timer()
        generator = Generator()
        generator.setRNGState(record.items[0])
        return generator

    def tensor(self, record: Tensor) -> np.ndarray:
        """The view that ``record`` describes."""
        dtype = TENSORS[record.name]
        if record.storage is None:
            return np.empty(record.shape, dtype)
        storage = self.elements(record.storage)
        strides = tuple(s * dtype.itemsize for s in record.strides)
        start = record.start if all(record.shape) else 0
        return np.ndarray(record.shape, dtype, storage, start * dtype.itemsize, strides)

    def elements(self, record: Storage) -> np.ndarray:
        """The storage's array, read at its first use."""
        if record.array is None:
            record.array = self.source.array(STORAGES[record.name], record.count, record.span)
        return record.array

    def _storage(self, record: Storage) -> Any:
        if STORAGES[record.name] == np.int64 and not record.viewed and record.count <= MAX_DIMS:
            return tuple(self.elements(record).tolist())
        return StorageValue(self.elements(record))

    # -- contents

    def _fill(self, record: Record) -> None:
        if isinstance(record, TableRecord):
            self._fill_table(record)
        elif isinstance(record, Function):
            record.value.upvalues = self._value(record.items[0])
        elif isinstance(record.value, TorchObject):
            record.value.fields = self._payload(record)

    def _fill_table(self, table: TableRecord) -> None:
        if isinstance(table.value, list):
            for key, value in table.pairs():
                table.value[int(key) - 1] = self._value(value)
        elif table.fields:
            table.value.update((self._field_name(k), self._value(v)) for k, v in table.pairs())
        else:
            for key, value in table.pairs():
                table.value[self._value(key)] = self._value(value)

    def _payload(self, record: Object) -> Any:
        if record.name == "tds.Hash":
            return LuaTable(zip(map(self._value, record.items[0::2]), map(self._value, record.items[1::2])))
        if record.name in COUNTED or len(record.items) > 1:
            return [self._value(item) for item in record.items]
        return self._value(record.items[0])

    def _value(self, item: Any) -> Any:
        if isinstance(item, Record):
            return item.value
        if isinstance(item, float):
            return number(item)
        return self._text(item, self.encoding) if isinstance(item, bytes) else item

    def _field_name(self, key: Any) -> Any:
        return self._text(key, "utf-8") if isinstance(key, bytes) else self._value(key)

    @staticmethod
    def _text(text: bytes, encoding: str) -> str | bytes:
        try:
            return text.decode(encoding)
        except UnicodeError:
            return text

    # -- objects of known classes

    def _restore_fields(self, record: Object) -> None:
        """Bring the fields up to date and make them attributes."""
        obj = record.value
        written = record.items[-1].value
        fields = {python_name(k): v for k, v in written.items()}
        bare = is_bare(type(obj), fields) and is_hollow(type(obj), fields)  # before defaults of old files go in
        try:
            self._upgrade(record, fields)
        except Exception:
            if not is_hollow(type(obj), fields):
                raise
        if bare or is_hollow(type(obj), fields, upgraded=True):
            self.unknown.setdefault(record.name, []).append(record)
            obj.__class__ = TorchObject
            return obj.__init__(record.name, written, record.version)
        for name in constructor_fields(type(obj)).difference(fields, transient(type(obj))):
            obj.__dict__[name] = None
        kept = {}
        for name, value in fields.items():
            if _is_attribute(name, value) and not hides(type(obj), name):
                obj.__dict__[name] = value
            else:
                kept[name] = value
        lacking = left_out(obj, fields)
        if lacking:
            obj.__dict__[LEFT_OUT] = lacking
        if kept:
            obj.__dict__[KEPT] = kept
            self.kept.append(record)

    @staticmethod
    def _upgrade(record: Object, fields: dict) -> None:
        cls = type(record.value)
        if registry.find(record.name) is cls:
            aliases.translate(record.name, fields)
        if "_type" in fields:
            fields["_type"] = on_cpu(fields["_type"])
        for name in keyed(cls).intersection(fields):
            if isinstance(fields[name], list):
                fields[name] = dict(enumerate(fields[name], 1))
        for name, value in registry.defaults(cls).items():
            if fields.get(name) is None:
                fields[name] = value.copy() if type(value) in (dict, list) else value
        for upgrade in registry.upgrades(cls):
            upgrade(record.value, fields)

    def _warn(self) -> None:
        """One warning for each unknown class, and one for all functions that took the place of methods."""
        shown = dict(list(self.unknown.items())[:_SHOWN])
        for name, place in zip(shown, paths_to(self.root, [records[0] for records in shown.values()])):
            warnings.warn(f"{_unknown(name)}; {_places(place, len(self.unknown[name]))}", stacklevel=5)
        if len(self.unknown) > _SHOWN:
            warnings.warn(f"{len(self.unknown) - _SHOWN} more unknown classes load as records", stacklevel=5)
        lost = [(r, n) for r in self.kept for n, v in r.value.__dict__[KEPT].items() if isinstance(v, LuaFunction)]
        if lost:
            record, name = lost[0]
            where = f"{path_to(self.root, record)}.{name}".lstrip(".")
            more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
            warnings.warn(f"Lua functions do not run; the methods of the class do: {where}{more}", stacklevel=5)


def _unknown(name: str) -> str:
    """What to say of objects of a class that is not here, or that is another one here."""
    shown = printable(name)
    if find_class(name) is None:
        return f"no class {shown} is registered (torch7.registry.register, nn.register): it loads as a record"
    return f"the file's {shown} has none of the fields of the {shown} here, another class: it loads as a record"


def _places(place: str, count: int) -> str:
    return f"at {place or 'the whole'}" + (f" and {count - 1} more places" if count > 1 else "")


def _has_table(record: Object) -> bool:
    return bool(record.items) and isinstance(record.items[-1], TableRecord)


def _has_fields(record: Object) -> bool:
    return not isinstance(record.value, TorchObject | Generator | Timer)


def _restore(record: Object) -> None:
    record.value._restore()


def _is_attribute(name: Any, value: Any) -> bool:
    return isinstance(name, str) and not name.startswith("__") and not isinstance(value, LuaFunction)
