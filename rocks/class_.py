"""``require 'class'``: classes by name. ``A = class_('A')`` and ``B = class_('B', 'A')``; then methods are put on them.

In Python a class statement says the same; this is for lines that are ported as they stand: ``A.__init__ = ...``,
``a = A(1)``, ``class_.type(a)``, ``class_.istype(a, 'A')``.
"""

from __future__ import annotations

from typing import Any

from torch7.lua import lua_type

from .callable_module import make_callable

_classes: dict[str, type] = {}


def _make(name: str, parent: Any = None) -> Any:
    if name in _classes:
        raise ValueError(f"class: {name} is already there")
    base = metatable(parent) if isinstance(parent, str) else parent
    if isinstance(parent, str) and base is None:
        raise ValueError(f"class: {parent}, the parent of {name}, is not a class")
    made = type_(name, (base or object,), {"torch_typename": name, "new": classmethod(lambda cls, *args: cls(*args))})
    _classes[name] = made
    return made


type_ = type


def metatable(name: str) -> Any:
    """The class of a name, None where there is none."""
    return _classes.get(name)


def factory(name: str) -> Any:
    """An object of a class whose ``__init__`` has not run."""
    if name not in _classes:
        raise ValueError(f"class: unknown class <{name}>")
    return _classes[name].__new__(_classes[name])


def type(x: Any) -> str:
    """The class name of an object, or Lua's word for a value."""
    name = getattr(x, "torch_typename", None)
    return name if isinstance(name, str) and not isinstance(x, type_) else lua_type(x)


def istype(x: Any, name: str) -> bool:
    """Whether an object is of a class or of one derived from it."""
    return any(vars(c).get("torch_typename") == name for c in x.__class__.__mro__) or type(x) == name


make_callable(__name__, _make)
