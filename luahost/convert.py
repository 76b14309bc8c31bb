"""Values between Lua and Python: numbers and text as they are, tensors and tables by reference."""

from __future__ import annotations

import types
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np

import torch7
from torch7.serialization.values import functions

from .holders import fields
from .runtime import engine, host, lua_type, original, passing_function
from .storages import Storage, sizes_storage
from .tables import Copies, TableView, view_of
from .tensors import Tensor, proxy

_SAME = frozenset({bool, int, float, str, type(None), Tensor, Storage, TableView})
as_they_are: set[type] = set()  # types of objects that Lua gets as such
_NUMBERS = frozenset({int, float})
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)


class LuaFunction(torch7.LuaFunction):
    """A function of Lua for Python: arguments and results are converted. In a file it is its bytecode and upvalues."""

    tag = 8

    def __init__(self, f: Any) -> None:
        self.f = f

    def __call__(self, *args: Any) -> Any:
        try:
            result = self.f(*[to_lua(x) for x in args])
        except engine().LuaError as e:
            if e.args and isinstance(e.args[0], str):  # its own text, which lupa lets a traceback follow
                e.args = (e.args[0].split("\nstack traceback:")[0], *e.args[1:])
            raise
        return tuple(to_python(x) for x in result) if isinstance(result, tuple) else to_python(result)

    @property
    def code(self) -> bytes:
        return dumped(self.f)

    @property
    def identity(self) -> float:
        return host.library.identity(self.f)

    @property
    def upvalues(self) -> Any:
        host.library.check_writable(self.f, True)  # of a module's field, or deeper in Python
        return to_python(host.library.upvalues_of(self.f))

    def __deepcopy__(self, memo: dict) -> LuaFunction:
        return self

    def __repr__(self) -> str:
        return "<Lua function>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LuaFunction) and self.f == other.f

    __hash__ = object.__hash__


class LuaObject(torch7.TorchObject):
    """A table that Python keeps as it is: an object of a class written in Lua. In a file it is its fields."""

    version = 1

    def __init__(self, table: Any) -> None:
        self.table = table

    @property
    def torch_typename(self) -> str:
        return host.library.class_name(host.library.hooked(self.table))

    @property
    def fields(self) -> Any:
        return to_python(host.library.plain_copy(host.library.hooked(self.table)), named=True)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return to_python(self.table[name])

    def __deepcopy__(self, memo: dict) -> LuaObject:
        return LuaObject(host.library.deep_copy(self.table))


_objects: weakref.WeakValueDictionary[int, LuaObject] = weakref.WeakValueDictionary()
_dumps: set[bytes] = set()
trust = SimpleNamespace(bytecode=False)


def dumped(f: Any) -> bytes:
    """The bytecode of a Lua function, which this process may load again."""
    code = host.library.dump(f).encode("latin-1")
    _dumps.add(code)
    return code


class SavedFunction(torch7.LuaFunction):
    """A function out of a file. ``joined``: the upvalues of the functions of this file, which may share them."""

    def __init__(self, tag: int, code: bytes, joined: Any) -> None:
        super().__init__(tag, code)
        self.joined = joined
        self.f: Any = None


def loaded_function(saved: torch7.LuaFunction) -> Any:
    """A function out of a file: it runs if this process wrote it or the user trusts bytecode, else it says so."""
    if not (saved.code in _dumps or trust.bytecode):
        return host.library.refused_function
    if not isinstance(saved, SavedFunction):
        return _run_again(saved, host.lua.table())
    if saved.f is None:
        saved.f = _run_again(saved, saved.joined)
    return saved.f


def _run_again(saved: torch7.LuaFunction, joined: Any) -> Any:
    f = host.library.undump(saved.code.decode("latin-1"))
    if isinstance(saved, SavedFunction):  # it may be among its own upvalues
        saved.f = f
    host.library.set_upvalues(f, to_lua(saved.upvalues), joined)
    return f


@contextmanager
def functions_of_a_file() -> Iterator[None]:
    """What is read here may share upvalues."""
    before, joined = functions.read, host.lua.table()
    functions.read = before or (lambda tag, code: SavedFunction(tag, code, joined))
    try:
        yield
    finally:
        functions.read = before


def to_lua(value: Any, copies: Copies | None = None) -> Any:
    """What Lua gets for a Python value; lists that came in as tables go out as these."""
    kind = type(value)
    if kind in _SAME:
        return value
    if torch7.isTensor(value):
        return proxy(value) if value.ndim else value.item()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, list | dict):
        table = copies.find(value) if copies is not None else None
        return view_of(value) if table is None else table
    if isinstance(value, tuple):
        return sizes_storage(value) if is_sizes(value) else view_of(list(value))
    if kind in as_they_are:
        fields.see(value)
        return value
    return _object_to_lua(value)


def _object_to_lua(value: Any) -> Any:
    from .calls import callable_of, iterator_of
    from .classes import class_table
    from .objects import message

    if isinstance(value, type):
        return class_table(value)
    if isinstance(value, BaseException):
        return message(value)
    if isinstance(value, LuaFunction):
        return value.f
    if isinstance(value, LuaObject):
        return value.table
    if isinstance(value, torch7.LuaFunction):
        return loaded_function(value)
    if isinstance(value, torch7.TorchObject) and host.library.has_class(value.torch_typename):
        return _object_of_class(value)
    if isinstance(value, torch7.TorchObject) and value.torch_typename in ("tds.Vec", "tds.Hash"):
        return view_of(_table_of_tds(value))
    if isinstance(value, torch7.LuaTable):
        return lua_table(value)
    if isinstance(value, torch7.Storage):
        return Storage(value.data)
    if isinstance(value, types.GeneratorType):
        return passing_function(iterator_of(value))
    if isinstance(value, _FUNCTIONS) or type(value).__name__ == "CPUDispatcher":
        return callable_of(value)
    if isinstance(value, types.MethodType):
        return callable_of(value)
    if not isinstance(value, torch7.TorchObject):
        as_they_are.add(type(value))
    fields.see(value)
    return value


def is_sizes(value: Any) -> bool:
    """Whether a tuple is a LongStorage of sizes."""
    return type(value) is tuple and len(value) > 0 and all(isinstance(n, int) for n in value)


def to_python(value: Any, copies: Copies | None = None, named: bool = False) -> Any:
    """What Python gets for a value of Lua. ``copies`` notes the tables; an empty one is a dict where ``named``."""
    kind = type(value)
    if kind is Tensor:
        return value.a
    if kind is TableView:
        return value.content
    if kind is Storage:
        return value.numbers() if value.sizes else value
    if kind is str and copies is not None and copies.octets and not value.isascii():
        return value.encode("latin-1")
    if kind in _SAME:
        return value
    what = lua_type(value)
    if what == "table":
        return _table_to_python(value, copies, named)
    if what == "function":
        python = original(value)
        return LuaFunction(value) if python is None else python
    return value


def _table_to_python(table: Any, copies: Copies | None, named: bool) -> Any:
    content: Any
    kind, key, count, *values = host.library.describe_table(table)
    if kind == "class":
        return key
    if kind == "object":
        found = _objects.get(key)
        if found is None:
            found = _objects[key] = LuaObject(table)
        return found
    copies = Copies() if copies is None else copies
    if key in copies.known:
        return copies.known[key]
    if values:
        content = copies.known[key] = []
        content.extend(
            [x.a if type(x) is Tensor else x if type(x) in _NUMBERS else to_python(x, copies) for x in values]
        )
        copies.add(table, content)
        return content
    entries = dict(table.items())
    if isinstance(entries.get(0), str) and (count or key == host.library.identity(host.globals.arg)):  # `arg`
        del entries[0]
    is_list = len(entries) == count and not (count == 0 and named)
    content = copies.known.setdefault(key, [] if is_list else {})
    if is_list:
        content.extend(to_python(entries[i], copies) for i in range(1, count + 1))
    else:
        content.update({to_python(k, copies): to_python(x, copies) for k, x in entries.items()})
    copies.add(table, content)
    return content


def _object_of_class(record: Any) -> Any:
    """The object of a class written in Lua that a file has as a record."""
    made = record.__dict__.get("_lua")
    if made is None:
        made = record.__dict__["_lua"] = host.library.new_object(record.torch_typename)
        for key, value in record.fields.items():
            made[key] = to_lua(value)
    return made


def _table_of_tds(record: Any) -> Any:
    """What a file has as a record of the package tds, made once."""
    from rocks import tds

    made = record.__dict__.get("_lua")
    if made is None:
        made = record.__dict__["_lua"] = getattr(tds, record.torch_typename.removeprefix("tds."))(record)
    return made


def lua_table(content: Any) -> Any:
    """A new Lua table of the values of a list or dict."""
    table = host.lua.table()
    for key, value in enumerate(content, 1) if isinstance(content, list) else content.items():
        table[to_lua(key)] = to_lua(value)
    return table
