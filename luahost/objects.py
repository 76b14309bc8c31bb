"""Modules, criterions and other objects of Python as Lua sees them: fields, methods, calls, pairs."""

from __future__ import annotations

import copy
import itertools
import re
import types
from collections.abc import Callable
from typing import Any

import numpy as np

import torch7
from torch7.serialization.stream import File

from . import held, indexing
from .calls import invoke, names_arguments
from .convert import LuaFunction, to_lua, to_python
from .links import links
from .methods import new
from .runtime import function, host, passing_function
from .storages import Storage, make_storage
from .tables import Copies, TableView
from .tensors import Tensor, proxy

# what Lua's names are in Python
NAMES = {"lambda": "lambda_", "__init": "__init__", "assert": "assert_", "len": "__len__"}
# methods that returned nothing in Lua
SILENT = frozenset({"reset"})
_USERDATA = (Tensor, torch7.Storage, torch7.Timer, torch7.Generator, File)  # objects of C in Torch
SCALARS = frozenset({int, float, bool, str})
_NOT_OBJECTS = frozenset({Tensor, TableView, Storage})
_methods: dict[tuple[type, str], Any] = {}


def kind(o: Any) -> str:
    """The word that ``type(o)`` gives in Lua."""
    if isinstance(o, _USERDATA):
        return "userdata"
    if (own := getattr(type(o), "lua_kind", None)) is not None:
        return own
    if isinstance(o, (TableView, type)) or torch7.typename(o) is not None:
        return "table"
    return "function" if callable(o) else "table"


def get(o: Any, key: Any) -> Any:
    """``o[key]``, nil where there is nothing; of a method also True: it is the same the next time."""
    what = type(o)
    if what is TableView:
        content = o.content
        if type(content) is list and type(key) is int:
            if not 1 <= key <= len(content):
                return None
            value = content[key - 1]
            return proxy(value, content, key - 1) if type(value) is np.ndarray and value.ndim else to_lua(value)
        if key in getattr(type(o.content), "lua_methods", ()):
            return method(type(o.content), key)
        value, place = o.get(key)
        return proxy(value, o.content, place) if torch7.isTensor(value) and value.ndim else to_lua(value)
    if what is Tensor:
        if key == "new":
            return maker_of(o)
        return to_lua(indexing.get(o.a, to_python(key)))
    if what is Storage:
        return _of_storage(o, key)
    if not isinstance(key, str):
        return None
    if key == "__typename":
        return torch7.typename(o), True
    return _field(o, NAMES.get(key, key))


def _field(o: Any, name: str) -> Any:
    if isinstance(o, type):
        return to_lua(getattr(o, name, None))
    fields = getattr(o, "__dict__", {})
    value = fields[name] if name in fields else getattr(type(o), name, None)
    if value is None and name not in fields:
        value = getattr(o, name, None)
    elif name not in fields and (isinstance(value, property) or (hasattr(value, "__get__") and not callable(value))):
        value = getattr(o, name)
    if torch7.isTensor(value) and value.ndim:
        return proxy(value, o, name)
    if isinstance(value, list | dict) and (table := links.find(value)) is not None:
        return table
    if name not in fields and isinstance(value, types.FunctionType | types.MethodType):
        return method(type(o), name), True
    return to_lua(value)


def maker_of(x: Tensor) -> Any:
    """``x.new``: the same function for all tensors of a type."""
    a = x.a[:0] if x.a.ndim else x.a
    key = type(a), a.dtype
    if key not in _makers:

        def make(*args: Any) -> Any:
            return invoke(new, (a,), args) if args else proxy(torch7.new(a))

        _makers[key] = function(make)
    return _makers[key]


_makers: dict[tuple, Any] = {}


def _of_storage(storage: Storage, key: Any) -> Any:
    if isinstance(key, str):
        if key == "new":
            return passing_function(lambda *args: invoke(make_storage, (storage.torch_typename,), args))
        return host.library.data if key == "data" else storage_method(key)
    if not 1 <= int(key) <= len(storage):
        raise IndexError(f"index {key} out of bounds of a storage of {len(storage)} elements")
    return storage.data[int(key) - 1].item()


def storage_method(name: str) -> Any:
    """The Lua function of a method of storages, None where there is none."""
    f = getattr(Storage, name, None)
    if f is None or name.startswith("_"):
        return None
    return _cached((Storage, name), lambda self, *args: invoke(f, (self,), args))


def set(o: Any, key: Any, value: Any) -> None:
    """``o[key] = value``."""
    if type(value) in SCALARS and type(key) is str and type(o) not in _NOT_OBJECTS:
        setattr(o, NAMES.get(key, key), value)
    elif type(o) is Tensor:
        indexing.set(o.a, to_python(key), to_python(value))
    elif type(o) is TableView:
        o.set(key, to_python(value))
    elif type(o) is Storage:
        if not 1 <= int(key) <= len(o):
            raise IndexError(f"index {key} out of bounds of a storage of {len(o)} elements")
        o.data[int(key) - 1] = value
    elif not isinstance(key, str):
        raise TypeError(f"a {torch7.type(o)} has fields with names alone, not {key!r}")
    else:
        name = NAMES.get(key, key)
        if isinstance(value, Tensor):
            proxy(value.a, o, name)
        _set_field(o, name, value)


def _set_field(o: Any, name: str, value: Any) -> None:
    content = to_python(value)
    if content is None and callable(getattr(type(o), name, None)):
        vars(o).pop(name, None)  # the method of its class again
        return
    if isinstance(content, list | dict) and not isinstance(value, TableView):
        links.add(value, content)
    elif type(content) is LuaFunction and callable(getattr(type(o), name, None)):
        content = BoundFunction(content.f, o)
    setattr(o, name, content)


class BoundFunction(LuaFunction):
    """A method that a program gave to one object: Python calls it without the object, which Lua passes first."""

    def __init__(self, f: Any, owner: Any) -> None:
        super().__init__(f)
        self.owner = owner

    def __call__(self, *args: Any) -> Any:
        return super().__call__(self.owner, *args)

    def __deepcopy__(self, memo: dict) -> BoundFunction:
        return BoundFunction(self.f, copy.deepcopy(self.owner, memo))


def method(cls: type, name: str) -> Any:
    """The Lua function of a method of a class: its first argument is the object, ``m.f(m, x)`` as ``m:f(x)``."""
    raw = next((vars(c)[name] for c in cls.__mro__ if name in vars(c)), None)
    f = getattr(cls, name)
    if hasattr(raw, "lua"):  # written in Lua: no way through Python
        return raw.lua
    named = name == "string" or names_arguments(f)
    if isinstance(raw, staticmethod | classmethod):
        return _cached((cls, name), lambda *args: invoke(f, (), args, named))
    f = getattr(f, "__func__", f)
    kind = cls  # of objects that are passed as they are
    if getattr(f, "octets", False):

        def call(self: Any, value: Any = None, name: Any = None, hook: Any = None) -> Any:
            host.library.check_writable(value)
            content = to_python(value, Copies(octets=True))
            if hook is None:
                return to_lua(f(to_python(self), content))
            return host.library.with_hook(hook, function(lambda: f(to_python(self), content)))
    elif name in ("share", "clone") and hasattr(cls, "listModules"):

        def call(self: Any, *args: Any) -> Any:
            o = to_python(self)
            result = invoke(f, (o,), args, named)
            _own_tensors(o if name == "share" else to_python(result), [x for x in args if isinstance(x, str)])
            return result
    elif name in SILENT and (getattr(f, "__module__", None) or "").split(".")[0] in ("nn", "dpnn", "rnn"):

        def call(self: Any, *args: Any) -> Any:
            invoke(f, (to_python(self),), args, named)
    else:

        def call(self: Any, *args: Any) -> Any:
            return invoke(f, (self if isinstance(self, kind) else to_python(self),), args, named)

        return _repeated((cls, name), f, call, named)
    return _cached((cls, name), call)


def _own_tensors(module: Any, names: list[str]) -> None:
    """As Torch's, modules that share memory have tensors of their own: ``set`` moves one of them alone."""
    for m in module.listModules():
        for name in names:
            value = vars(m).get(name)
            if torch7.isTensor(value):
                vars(m)[name] = value[...]


def _repeated(key: tuple[type, str], f: Any, call: Callable[..., Any], named: bool) -> Any:
    """A method whose result Lua mostly holds already."""
    if key not in _methods:
        _methods[key] = host.library.wrap_method(call, *held.repeated(f, key[0], named))
    return _methods[key]


def _cached(key: tuple[type, str], call: Callable[..., Any]) -> Any:
    if key not in _methods:
        _methods[key] = function(call)
    return _methods[key]


def forget_methods(name: str) -> None:
    """A program has given a class another method ``name``."""
    for key in [key for key in _methods if key[1] == name]:
        del _methods[key]
    host.library.forget_known()


def call(o: Any, *args: Any) -> Any:
    """``o(...)``: forward of a module or criterion, connection of nodes, or the function."""
    if isinstance(o, Tensor | Storage | TableView):
        raise TypeError(f"attempt to call a {kind(o)} value")
    forward = getattr(o, "forward", None)
    if forward is not None and not _connects(args):
        return invoke(forward, (), args)
    return invoke(o, (), args)


def _connects(args: tuple) -> bool:
    """Whether a module is called on nodes of a graph, or on nothing."""
    values = [to_python(x) for x in args]
    flat = values[0] if len(values) == 1 and isinstance(values[0], list) else values
    return all((torch7.typename(x) or "").startswith("nngraph.") for x in flat)


def text(o: Any) -> str:
    """``tostring(o)``."""
    if isinstance(o, BaseException):
        return message(o)
    return str(o).encode("utf-8", "surrogateescape").decode("latin-1") if not str(o).isascii() else str(o)


def message(error: BaseException) -> Any:
    """What ``pcall`` gives for an exception: a Lua error's own value, else its places, the message and its notes."""
    value = error.args[0] if error.args else ""
    if type(error).__name__ == "LuaError" and not isinstance(value, str):
        return value
    if type(error).__name__ == "LuaError" and (table := host.library.table_of_error(str(value))) is not None:
        return table
    if type(error).__name__ == "LuaError":
        return _placed(error, value.split("\nstack traceback:")[0])
    said = str(value) if isinstance(error, KeyError) else str(error)
    return _placed(error, said or type(error).__name__)


_PLACE = re.compile(r"In \d+ module of \S+:$")


def _placed(error: BaseException, said: str) -> str:
    """The containers in which it happened, as in Torch's messages, then what was ``said`` and other notes."""
    notes = getattr(error, "__notes__", [])
    places = list(itertools.takewhile(_PLACE.match, notes))
    return "\n".join([*places, said, *notes[len(places) :]])
