"""The doors by which other packages add to nn: :func:`register` for classes (:func:`later`, :func:`extends` for
methods).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FunctionType
from typing import Any

from torch7 import registry

from .constructors import prepare

_extensions: dict[tuple[type, str], tuple[Any, tuple[str, str]]] = {}  # the value and its origin


def register(cls: type | None = None, override: bool = False) -> Any:
    """Decorator: make ``cls`` the class ``nn.<Name>``, in nn's namespace and for .t7 files.

    Its constructor takes a whole float for an int, as in Lua, where there is one kind of number.
    Registering the same class again is fine; another class or anything else of that name raises ``ValueError``. With
    ``override=True``, or where the name is one of package nnx, ``cls`` takes its place, and a warning says
    so; a package of this library that is imported later does not take it back.
    """
    if cls is None:
        return partial(register, override=override)
    namespace = vars(sys.modules["nn"])
    if not isinstance(namespace.get(cls.__name__, cls), type):
        raise ValueError(f"nn.{cls.__name__} is already {namespace[cls.__name__]!r}")
    prepare(cls)
    name = f"nn.{cls.__name__}"
    registry.register(name, cls, override)
    if registry.find(name) is cls:
        namespace[cls.__name__] = cls
    return cls


def later(cls: str, module: str) -> None:
    """Let ``nn.<cls>`` be a class that ``module`` registers, which is imported when the class is first asked for."""
    LATER[cls] = module
    registry.later(f"nn.{cls}", module)


LATER: dict[str, str] = {}


class Elsewhere:
    """Stands in a class for a method that another package adds: asking for it tells which one."""

    def __init__(self, name: str, package: str) -> None:
        self.name, self.package = name, package

    def __get__(self, obj: Any, cls: type) -> Any:
        raise AttributeError(f"{cls.__name__}.{self.name} is in package {self.package}: add `import {self.package}`")


class Renamed:
    """Stands in a class for a name of another library: asking for it tells what it is called here."""

    def __init__(self, name: str, here: str) -> None:
        self.name, self.here = name, here

    def __get__(self, obj: Any, cls: type) -> Any:
        raise AttributeError(f"{cls.__name__} has no {self.name}; here it is {self.here}")


def extends(target: type, **statics: Any) -> Callable[[FunctionType], FunctionType]:
    """Decorator: add a function to the class ``target`` as a method of the same name.

    Values given by keyword, ``extends(nn.Module, dpnn_parameters=["weight", "bias"])``, become attributes of the class
    at once. Adding the same again is fine; a name that ``target`` or a parent already has raises ``ValueError``, unless
    the parent got it through this door too.
    """
    caller = sys._getframe(1).f_globals["__name__"]
    for name, value in statics.items():
        _add(target, name, value, (caller, name))

    def add(method: FunctionType) -> FunctionType:
        _add(target, method.__name__, method, (method.__module__, method.__qualname__))
        return method

    return add


def _add(target: type, name: str, value: Any, origin: tuple[str, str]) -> None:
    known = _extensions.get((target, name))
    present = getattr(target, name, None)
    if known is None and present is not None and not any(present is v for v, _ in _extensions.values()):
        raise ValueError(f"{target.__name__} already has a {name}")
    if known is not None and known[1] != origin:
        raise ValueError(f"{target.__name__}.{name} was already added by {known[1][0]}")
    _extensions[target, name] = value, origin
    setattr(target, name, value)


def extensions() -> dict[tuple[type, str], str]:
    """What was added by :func:`extends`: (class, name) -> package module that added it."""
    return {key: module for key, (_, (module, _)) in _extensions.items()}
