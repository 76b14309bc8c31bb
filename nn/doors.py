"""The two doors by which other packages add to nn: :func:`register` for classes, :func:`extends` for methods."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FunctionType

from torch7 import registry

_extensions: dict[tuple[type, str], FunctionType] = {}


def register(cls: type) -> type:
    """Decorator: make ``cls`` the class ``nn.<Name>``, in nn's namespace and for .t7 files.

    Registering the same class again is fine; another class or anything else of that name raises ``ValueError``.
    """
    namespace = vars(sys.modules["nn"])
    if not isinstance(namespace.get(cls.__name__, cls), type):
        raise ValueError(f"nn.{cls.__name__} is already {namespace[cls.__name__]!r}")
    registry.register(f"nn.{cls.__name__}", cls)
    namespace[cls.__name__] = cls
    return cls


def extends(target: type) -> Callable[[FunctionType], FunctionType]:
    """Decorator: add a function to the class ``target`` as a method of the same name.

    Adding the same function again is fine; a name that ``target`` or a parent already has raises ``ValueError``, unless
    the parent got it through this door too.
    """

    def add(method: FunctionType) -> FunctionType:
        name = method.__name__
        known = _extensions.get((target, name))
        if known is None and getattr(target, name, None) not in (None, *_extensions.values()):
            raise ValueError(f"{target.__name__} already has a {name}")
        if known is not None and origin(known) != origin(method):
            raise ValueError(f"{target.__name__}.{name} was already added by {known.__module__}")
        _extensions[target, name] = method
        setattr(target, name, method)
        return method

    return add


def origin(method: FunctionType) -> tuple[str, str]:
    """Module and name under which a function was defined."""
    return method.__module__, method.__qualname__


def extensions() -> dict[tuple[type, str], str]:
    """What was added by :func:`extends`: (class, method name) -> package module that added it."""
    return {key: method.__module__ for key, method in _extensions.items()}
