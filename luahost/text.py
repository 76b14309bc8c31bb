"""Text between Lua, where it is bytes that latin-1 carries, and packages in Python, whose text is Unicode."""

from __future__ import annotations

import os
import types
from typing import Any


def native(value: Any) -> Any:
    """A value from Lua with its text as Python's; lists and dicts without other letters stay the same objects."""
    return _mapped(value, lambda s: os.fsdecode(s.encode("latin-1")))


def foreign(value: Any) -> Any:
    """A value from Python with its text as Lua's. Several values that are whole numbers are no sizes."""
    if isinstance(value, types.GeneratorType):
        return (foreign(x) for x in value)
    if type(value) is tuple:
        return tuple(float(x) if type(x) is int else foreign(x) for x in value)
    return _mapped(value, lambda s: os.fsencode(s).decode("latin-1"))


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else change(value)
    if type(value) is list and not _plain(value):
        return [_mapped(x, change) for x in value]
    if isinstance(value, dict) and not _plain(value):
        return type(value)({_mapped(k, change): _mapped(x, change) for k, x in value.items()})
    return value


def _plain(value: Any) -> bool:
    """Whether there is no letter beyond ASCII in it."""
    if isinstance(value, str):
        return value.isascii()
    if isinstance(value, dict):
        return all(_plain(k) and _plain(x) for k, x in value.items())
    return not isinstance(value, list) or all(map(_plain, value))
