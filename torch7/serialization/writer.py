"""Python values to the bytes of a .t7 file, without recursion."""

from __future__ import annotations

import functools
import numbers
import types
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from .. import arrays, registry
from ..generator import Generator
from ..timer import Timer
from .attributes import KEPT, LEFT_OUT, lua_name, transient
from .classes import COUNTED, VERSIONS, header, needed, values_of
from .errors import T7Error
from .layout import is_part, layout, torch_array
from .lua_fields import as_lua, private
from .parser import BOOLEAN, LEGACY_FUNCTION, NIL, NUMBER, OBJECT, STRING, TABLE
from .paths import join, step
from .values import LuaFunction, LuaTable, Storage, TorchObject, functions, texts

Contents = Iterator[tuple[Any, Any]]  # pairs (where, value): where is the key, for messages

_FUNCTIONS = types.FunctionType | types.MethodType | types.BuiltinFunctionType | functools.partial


_TABLES = (dict, list, tuple)


class Writer:
    """Writes objects one after another to a sink; what was written before is referred to by its number."""

    def __init__(self, sink: Any, referenced: bool = True) -> None:
        self.sink = sink
        self.referenced = referenced
        self._written: dict[Any, int] = {}
        self._alive: list[Any] = []  # ids in _written stay those of the objects they were taken of
        self._count = 0
        self._stack: list[list] = []  # of [contents, where, id of the object]
        self._inside: set[int] = set()

    def write(self, value: Any) -> None:
        """Write one object; :class:`T7Error` with its path for what .t7 files cannot hold."""
        self._stack, self._inside = [[iter([(None, value)]), None, None]], set()
        try:
            while self._stack:
                self._step()
        except T7Error as e:
            steps = [step(where) for _, where, _ in self._stack if where is not None]
            raise T7Error(e.message, None, join(steps)) from None

    def _step(self) -> None:
        frame = self._stack[-1]
        for where, value in frame[0]:
            frame[1] = where
            contents = self._value(value)
            if contents is not None:
                self._enter(value)
                self._stack.append([contents, None, id(value)])
                return
        self._inside.discard(self._stack.pop()[2])

    def _enter(self, value: Any) -> None:
        """Without references an object inside itself has no end."""
        if not self.referenced and id(value) in self._inside:
            raise T7Error("an object that contains itself, with referenced=False")
        self._inside.add(id(value))

    # -- one method for each kind of value; it returns the contents that follow, if any

    def _value(self, value: Any) -> Contents | None:
        if value is None:
            return self.sink.int(NIL)
        if isinstance(value, bool | np.bool_):
            return self._boolean(value)
        if isinstance(value, int | float):
            return self._number(value)
        if isinstance(value, str | bytes | bytearray):
            return self._string(value)
        if arrays.is_array(value):
            return self._tensor(value)
        if isinstance(value, dict | LuaTable | list | tuple):
            return self._any_table(value)
        if isinstance(value, numbers.Real):
            return self._number(value)
        return self._torch_object(value)

    def _boolean(self, value: Any) -> None:
        self.sink.int(BOOLEAN)
        self.sink.int(int(value))

    def _number(self, value: Any) -> None:
        if isinstance(value, numbers.Integral) and (abs(value) > 2**1023 or int(float(value)) != value):
            raise T7Error(f"{value} is no Lua number: those are doubles, exact up to 2^53")
        self.sink.int(NUMBER)
        self.sink.double(float(value))

    def _string(self, value: Any) -> None:
        self.sink.int(STRING)
        self.sink.string(_bytes(value))

    def _any_table(self, value: Any) -> Contents | None:
        if type(value) not in _TABLES and getattr(value, "torch_typename", None) in COUNTED:
            return self._counted(value, value.torch_typename)
        if isinstance(value, dict | LuaTable):
            return self._table(value, len(value), value.items())
        return self._list(value)

    def _list(self, value: list | tuple) -> Contents | None:
        if isinstance(value, tuple) and all(isinstance(v, numbers.Integral) and not isinstance(v, bool) for v in value):
            return self._storage(np.array(value, np.int64))
        return self._table(value, len(value), enumerate(value, 1))

    def _table(self, value: Any, count: int, pairs: Iterable) -> Contents | None:
        if self._known(TABLE, id(value), value):
            return None
        self.sink.int(count)
        return _alternating(pairs)

    def _tensor(self, x: Any) -> Contents | None:
        if x.ndim == 0:
            return self._value(x.item())
        if self._known(OBJECT, id(x), x):
            return None
        x = torch_array(x)
        storage, strides, start = layout(x)
        self._name(arrays.type_name(x))
        dims = 0 if x.shape == (0,) else x.ndim
        self.sink.int(dims)
        self.sink.longs(x.shape[:dims])
        self.sink.longs(strides[:dims])
        self.sink.long(start + 1)
        return iter([(None, Storage(storage) if x.size else None)])

    def _storage(self, data: Any) -> None:
        """A storage is known by its memory: several arrays may own it in turn."""
        data = torch_array(data).reshape(-1)
        if self._known(OBJECT, (Storage, arrays.address(data), data.size, data.dtype), data):
            return
        self._name(arrays.type_name(data).replace("Tensor", "Storage"))
        self.sink.long(data.size)
        self.sink.array(data if isinstance(data, np.ndarray) else data.get())

    def _torch_object(self, value: Any) -> Contents | None:
        if isinstance(value, Storage):
            return self._storage(value.data)
        if isinstance(value, LuaFunction):
            return self._function(value)
        if isinstance(value, types.FunctionType) and functions.write is not None:
            written = functions.write(value)
            if written is not None:
                return self._function(written)
        if functions.table is not None and (content := functions.table(value)) is not None:
            return self._table(value, len(content), content.items())
        if isinstance(value, TorchObject):
            return self._record(value)
        if isinstance(value, Generator | Timer):
            return self._state(value)
        name = registry.class_name(type(value))
        if not ("." in name or registry.is_class(type(value))) or not hasattr(value, "__dict__"):
            raise T7Error(f"unwritable object of type {type(value).__name__}")
        if self._known(OBJECT, id(value), value):
            return None
        self._name(name, VERSIONS.get(name, 1))
        return self._object_contents(name, value)

    def _object_contents(self, name: str, value: Any) -> Contents:
        if values_of(name, VERSIONS.get(name, 1)) > 1:
            yield None, header(name, vars(value))
        yield None, self._fields(value, name)

    def _function(self, value: LuaFunction) -> Contents | None:
        if value.tag == LEGACY_FUNCTION:
            self.sink.int(LEGACY_FUNCTION)
        elif self._known(value.tag, (LuaFunction, getattr(value, "identity", id(value))), value):
            return None
        self.sink.string(value.code)
        return iter([("<upvalues>", value.upvalues)])

    def _state(self, value: Generator | Timer) -> None:
        """Objects that write bytes, or, as timers, nothing."""
        if not self._known(OBJECT, id(value), value):
            self._name(f"torch.{type(value).__name__}")
            self.sink.raw(value.getRNGState().tobytes() if isinstance(value, Generator) else b"")

    def _record(self, value: TorchObject) -> Contents | None:
        if self._known(OBJECT, id(value), value):
            return None
        name, fields = value.torch_typename, value.fields
        self._name(name, value.version)
        if name in COUNTED:
            return self._counts(name, fields)
        if values_of(name, value.version) > 1:
            return iter([(None, x) for x in (fields if isinstance(fields, list) else [header(name, fields), fields])])
        return iter([(None, fields)])

    def _counted(self, value: Any, name: str) -> Contents | None:
        """A list or dict of the package tds."""
        if self._known(OBJECT, id(value), value):
            return None
        self._name(name, 0)
        return self._counts(name, value)

    def _counts(self, name: str, fields: Any) -> Contents:
        self.sink.long(len(fields))
        return _alternating(fields.items()) if COUNTED[name] == 2 else iter(list(enumerate(fields, 1)))

    # -- parts

    def _known(self, tag: int, key: Any, value: Any) -> bool:
        """Write tag and number; True if the object was written before, so that this is all."""
        index = self._written.get(key) if self.referenced else None
        known = index is not None
        if not known:
            self._count += 1
            self._written[key] = index = self._count
            self._alive.append(value)
        self.sink.int(tag)
        self.sink.int(index)
        return known

    def _name(self, name: str, version: int | None = 1) -> None:
        if version is not None:
            self.sink.string(b"V %d" % version)
        self.sink.string(_bytes(name))

    def _fields(self, obj: Any, name: str) -> dict:
        """The attributes of an object as Lua's fields; those that are None are none."""
        hidden = transient(type(obj)) | private(type(obj)) | {KEPT, LEFT_OUT}
        fields = {}
        written = obj._t7_fields() if hasattr(type(obj), "_t7_fields") else vars(obj)
        for field, value in written.items():
            if isinstance(value, _FUNCTIONS):
                warnings.warn(f"{name}.{field} is a Python function and is not written", stacklevel=2)
            elif field not in hidden and value is not None:
                fields[lua_name(field)] = self._own(value) if field in ("output", "gradInput") else value
        fields = as_lua(obj, fields)
        lacking = {k: v for k, v in needed(name, obj).items() if k not in fields and v is not None}
        return fields | lacking | vars(obj).get(KEPT, {})

    def _own(self, value: Any) -> Any:
        """A buffer that is a part of a larger array (the data set, perhaps) is written alone."""
        return value.copy() if arrays.is_array(value) and is_part(value) else value


def _bytes(text: str | bytes | bytearray) -> bytes:
    return text.encode(texts.encoding, "surrogateescape") if isinstance(text, str) else bytes(text)


def _alternating(pairs: Iterable) -> Contents:
    """The keys and values of a table in turn."""
    for key, value in pairs:
        if key is None or (isinstance(key, float) and key != key):
            raise T7Error(f"{key} as the key of a table")
        yield key, key
        yield key, value
