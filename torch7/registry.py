"""Torch class names and Python classes: what `torch.class` kept, without its factories.

Every class that a .t7 file may name, or that prints as ``nn.Linear``, is registered here under its Torch name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_classes: dict[str, type] = {}
_names: dict[type, str] = {}
_aliases: dict[str, str] = {}
_upgrades: dict[type, list[Callable[[Any, dict], None]]] = {}
_defaults: dict[type, dict[str, Any]] = {}


def register(name: str, cls: type) -> type:
    """Make ``cls`` the class of Torch name ``name``; the same pair again is fine, another class is an error."""
    known = _classes.get(name)
    if known is not None and known is not cls and not _is_redefinition(known, cls):
        raise ValueError(f"{name} is already {known.__module__}.{known.__qualname__}")
    _classes[name] = cls
    _names[cls] = name
    return cls


def _is_redefinition(old: type, new: type) -> bool:
    """The same class statement run again, as in a notebook or after a reload."""
    return (old.__module__, old.__qualname__) == (new.__module__, new.__qualname__)


def alias(other: str, name: str) -> None:
    """Let ``other`` (``'cudnn.ReLU'``) stand for the class registered, now or later, as ``name``."""
    _aliases[other] = name


def find(name: str) -> type | None:
    """The class of a Torch name or alias, or None."""
    return _classes.get(_aliases.get(name, name))


def registered() -> dict[str, type]:
    """All classes by Torch name."""
    return dict(_classes)


def class_name(cls: type) -> str:
    """The Torch name of a class; of one that is not registered, its own name in the package of its nearest parent."""
    if cls in _names:
        return _names[cls]
    for parent in cls.__mro__[1:]:
        if parent in _names:
            return f"{_names[parent].split('.')[0]}.{cls.__name__}"
    return cls.__name__


def upgrade(cls: type) -> Callable:
    """Decorator of a function ``(obj, fields)`` that brings the fields of an old file of ``cls`` up to date, in place.

    It runs before the fields become the object's attributes, under the names of these (``lambda_``); a class may have
    several, and a subclass inherits its parent's.
    """

    def record(function: Callable[[Any, dict], None]) -> Callable[[Any, dict], None]:
        _upgrades.setdefault(cls, []).append(function)
        return function

    return record


def lacking(cls: type, **defaults: Any) -> None:
    """Say what fields of ``cls`` are where a file, an old one, has none of them; upgrades run after that."""
    _defaults.setdefault(cls, {}).update(defaults)


def defaults(cls: type) -> dict[str, Any]:
    """What :func:`lacking` said for ``cls`` and its parents."""
    return {name: value for c in reversed(cls.__mro__) for name, value in _defaults.get(c, {}).items()}


def upgrades(cls: type) -> list[Callable[[Any, dict], None]]:
    """The upgrades of ``cls`` and of its parents, the root class first, each class's in the order they were made."""
    return [function for c in reversed(cls.__mro__) for function in _upgrades.get(c, ())]
