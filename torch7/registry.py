"""Torch class names and Python classes: what `torch.class` kept, without its factories.

Every class that a .t7 file may name, or that prints as ``nn.Linear``, is registered here under its Torch name.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

#: Packages of this library; where a program has a class of its own by one of their names, the program's stays.
PACKAGES = frozenset(("torch7", "nn", "dpnn", "rnn", "nngraph", "nnx", "optim", "dataload", "distlearn"))
#: The package whose classes a program's own replace without being asked to.
FOUND_IN_FILES = "nnx"

_classes: dict[str, type] = {}
_variants: dict[str, list[tuple[Callable[[Mapping], bool], type]]] = {}
_names: dict[type, str] = {}
_aliases: dict[str, str] = {}
_upgrades: dict[type, list[Callable[[Any, dict], None]]] = {}
_finishing: list[Callable[[list], None]] = []
_later: dict[str, list[str]] = {}
_defaults: dict[type, dict[str, Any]] = {}


def register(name: str, cls: type, override: bool = False) -> type:
    """Make ``cls`` the class of Torch name ``name``; the same pair again is fine, another class is an error.

    Not so with ``override``, nor where ``name`` is one of package nnx: then ``cls`` takes its place, and a warning says
    so. A class of this library that comes after a program's own of that name does not take its place, with a warning.
    """
    known = _classes.get(name)
    if known is not None and known is not cls and not _is_redefinition(known, cls):
        if not override and _package(known) not in PACKAGES and _package(cls) in PACKAGES:
            warnings.warn(f"{name} stays {_full(known)}; {_full(cls)} is not registered", stacklevel=3)
            _names[cls] = name
            return cls
        if not override and _package(known) != FOUND_IN_FILES:
            raise ValueError(f"{name} is already {_full(known)}")
        warnings.warn(f"{name} is {_full(cls)} now, no longer {_full(known)}", stacklevel=3)
    _classes[name] = cls
    _names[cls] = name
    return cls


def variant(name: str, cls: type, fits: Callable[[Mapping], bool]) -> type:
    """Let ``cls`` stand for objects of ``name`` in files that have fields it ``fits`` and not those of its class.

    Projects gave names that were taken to classes of their own; ``cls`` keeps ``name`` in print and in files.
    """
    if all(known is not cls for _, known in _variants.setdefault(name, [])):
        _variants[name].append((fits, cls))
    _names[cls] = name
    return cls


def find_variant(name: str, fields: Mapping) -> type | None:
    """The class given by :func:`variant` for an object of ``name`` with these fields, or None."""
    return next((cls for fits, cls in _variants.get(name, ()) if fits(fields)), None)


def variants() -> dict[str, list[type]]:
    """All classes given by :func:`variant`, by Torch name."""
    return {name: [cls for _, cls in known] for name, known in _variants.items()}


def is_class(cls: type) -> bool:
    """Whether ``cls`` itself has a Torch name."""
    name = _names.get(cls)
    return name is not None and (_classes.get(name) is cls or any(c is cls for _, c in _variants.get(name, ())))


def is_ours(cls: type) -> bool:
    """Whether ``cls`` is a class of this library's packages, not of a program that uses them."""
    return _package(cls) in PACKAGES


def _package(cls: type) -> str:
    return cls.__module__.partition(".")[0]


def _full(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"


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


def finish(function: Callable[[list], None]) -> Callable[[list], None]:
    """Decorator of a function that gets all objects of a file once each of them is whole."""
    _finishing.append(function)
    return function


def finishing() -> list[Callable[[list], None]]:
    """The functions given by :func:`finish`."""
    return list(_finishing)


def later(name: str, module: str) -> None:
    """Say that ``module``, once imported, has a class of Torch name ``name``, perhaps one among others."""
    places = _later.setdefault(name, [])
    if module not in places:
        places.append(module)


def places(name: str) -> list[str]:
    """The modules of which :func:`later` said that they have a class of that name; importing one may add others."""
    return _later.setdefault(name, [])


def lacking(cls: type, **defaults: Any) -> None:
    """Say what fields of ``cls`` are where a file, an old one, has none of them; upgrades run after that.

    Each object gets a copy of a list or dict.
    """
    _defaults.setdefault(cls, {}).update(defaults)


def defaults(cls: type) -> dict[str, Any]:
    """What :func:`lacking` said for ``cls`` and its parents."""
    return {name: value for c in reversed(cls.__mro__) for name, value in _defaults.get(c, {}).items()}


def upgrades(cls: type) -> list[Callable[[Any, dict], None]]:
    """The upgrades of ``cls`` and of its parents, the root class first, each class's in the order they were made."""
    return [function for c in reversed(cls.__mro__) for function in _upgrades.get(c, ())]
