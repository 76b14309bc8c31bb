"""Classes both ways: Python's classes as tables of Lua, and ``torch.class`` in Lua as a Python subclass."""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import isfinite
from typing import Any

import torch7
from torch7 import registry

from .calls import invoke
from .convert import LuaFunction, LuaObject, to_lua, to_python
from .links import links
from .objects import NAMES, forget_methods, method
from .runtime import function, host, lua_type
from .signatures import whole_places

_tables: dict[type, Any] = {}
PACKAGES = {"torch": "torch7", "dl": "dataload"}


def class_table(cls: type) -> Any:
    """The Lua table of a Python class: called it constructs, its fields are the methods."""
    if cls not in _tables:
        name = vars(cls).get("torch_typename")
        _tables[cls] = host.library.make_class(cls, name if isinstance(name, str) else registry.class_name(cls))
    return _tables[cls]


def get(cls: type, key: Any) -> Any:
    """``nn.Linear.updateOutput``: a method or value of a class."""
    if not isinstance(key, str):
        return None
    name = NAMES.get(key, key)
    value = getattr(cls, name, None)
    if value is None:
        return None
    if name == "__init__":
        return _constructor(cls)
    return method(cls, name) if callable(value) else to_lua(value)


def _constructor(cls: type) -> Any:
    """``parent.__init(self, ...)``."""

    def init(self: Any, *args: Any) -> Any:
        return invoke(cls.__init__, (to_python(self),), args)

    return _constructors.setdefault(cls, function(init))


_constructors: dict[type, Any] = {}


def set(cls: type, key: str, value: Any) -> None:
    """``function nn.Linear:updateOutput(input)``: the method of the class and of its engine."""
    name = NAMES.get(key, key)
    if lua_type(value) == "function" and isinstance(to_python(value), LuaFunction):
        setattr(cls, name, _method(cls, name, value))
        if name in ("__tostring__", "__tostring"):
            cls.__str__ = cls.__repr__ = _method(cls, "__repr__", value)
        elif name == "__len__":
            cls.__len__ = _method(cls, name, value)
    else:
        setattr(cls, name, to_python(value))
    forget_methods(name)


def _method(cls: type, name: str, f: Any) -> Callable[..., Any]:
    """A method of Python that runs the Lua function ``f``."""
    if name == "__init__":

        def run(self: Any, *args: Any) -> None:
            with links.method():
                f(self, *[to_lua(x) for x in args])
    else:

        def run(self: Any, *args: Any) -> Any:
            with links.method():
                result = f(to_lua(self), *[to_lua(x) for x in args])
            return tuple(to_python(x) for x in result) if isinstance(result, tuple) else to_python(result)

    run.__name__, run.__qualname__ = name, f"{cls.__name__}.{name}"
    run.lua = f
    return run


def construct(cls: type, *args: Any) -> Any:
    """``nn.Linear(10, 5)``; what takes whole numbers cuts others, as C does."""
    if float in map(type, args):
        if cls not in _whole:
            _whole[cls] = whole_places(cls)
        places = _whole[cls]
        args = tuple(int(x) if type(x) is float and i in places and isfinite(x) else x for i, x in enumerate(args))
    return invoke(getattr(cls, "with_results", cls), (), args)


_whole: dict[type, tuple[int, ...]] = {}


def declare(name: str, parent: str) -> Any:
    """``torch.class(name, parent)`` where the parent is a class of Python: the tables of both."""
    base = registry.find(parent)
    if base is None:
        raise ValueError(f"torch.class: {parent!r}, the parent of {name!r}, is not a class")
    cls = type(name.split(".")[-1], (base,), {"__module__": "luahost.program"})
    registry._classes.pop(name, None)  # a program may declare a class of the library, or one again
    registry.register(name, cls)
    return place(name, class_table(cls), cls), class_table(base)


def place(name: str, table: Any, cls: Any = None) -> Any:
    """Make the table of a class known under its name: ``nn.Name``, or a global where it has no package."""
    package, _, short = name.rpartition(".")
    if not package:
        host.globals[short] = table
        return table
    if host.globals[package] is None:
        raise ValueError(f"torch.class: {package}, the package of {name}, is not there")
    home = sys.modules.get(PACKAGES.get(package, package))
    if home is not None and cls is not None:
        setattr(home, short, cls)
    host.globals[package][short] = table
    return table


def is_type_of(x: Any, spec: Any) -> bool:
    """``torch.isTypeOf(x, spec)`` of what Python holds."""
    value, wanted = to_python(x), to_python(spec)
    if isinstance(wanted, LuaObject):  # a constructor of tensors or storages, or a class written in Lua
        wanted = host.library.rawget(spec, "__typename")
    if isinstance(value, torch7.Storage):
        return wanted == value.torch_typename
    if isinstance(value, list | dict | LuaObject) or wanted is None:
        return False
    return torch7.isTypeOf(value, wanted if isinstance(wanted, str | type) else type(wanted))
