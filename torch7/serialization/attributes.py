"""Lua's fields and Python's attributes."""

from __future__ import annotations

import dis
import functools
import keyword
import types
from typing import Any

KEPT = "_lua_fields"  # attribute of an object with the fields of its file that cannot be attributes


def python_name(field: Any) -> Any:
    """``lambda`` is spelt ``lambda_``."""
    return f"{field}_" if isinstance(field, str) and keyword.iskeyword(field) else field


def lua_name(attribute: Any) -> Any:
    """The inverse of :func:`python_name`."""
    spelt = isinstance(attribute, str) and attribute.endswith("_") and keyword.iskeyword(attribute[:-1])
    return attribute[:-1] if spelt else attribute


def transient(cls: type) -> frozenset[str]:
    """All names that ``cls`` and its parents list in ``_transient``: derived from others and never written."""
    return _listed(cls, "_transient")


def keyed(cls: type) -> frozenset[str]:
    """All names in ``_keyed``: tables that are dicts even where their keys are 1 to n, or where they are empty."""
    return _listed(cls, "_keyed")


@functools.cache
def _listed(cls: type, attribute: str) -> frozenset[str]:
    return frozenset(name for c in cls.__mro__ for name in vars(c).get(attribute, ()))


@functools.cache
def constructor_fields(cls: type) -> frozenset[str]:
    """Attributes that constructors of ``cls`` and its parents set: what a file lacks of them was nil, so it is None.

    Not so those for which the class has a value of its own.
    """
    constructors = [vars(c).get("__init__") for c in cls.__mro__]
    return frozenset(
        step.argval
        for constructor in constructors
        if isinstance(constructor, types.FunctionType)
        for step in dis.get_instructions(constructor)
        if step.opname == "STORE_ATTR" and not hasattr(cls, step.argval)
    )
