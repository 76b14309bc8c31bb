"""Names of tensors: their paths in full, ``modules[1].weight``, each of them once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from .. import arrays
from ..classes import typename
from .attributes import KEPT, lua_name
from .errors import T7Error
from .paths import full_step
from .values import LuaFunction, LuaTable, TorchObject

_LONGEST = 60_000  # characters of a name that a .npz file can hold
_ALL = 1 << 28  # characters of all names of a file


class Names:
    """Gives names to paths, in order: what two paths have in common is told apart by a number."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._characters = 0

    def name(self, path: str) -> str:
        """A name that nobody has yet; slashes, which would be folders, are underscores."""
        base = name = (path or "value").replace("/", "_").replace("\\", "_")
        self._characters += len(base)
        if len(base) > _LONGEST or self._characters > _ALL:
            raise T7Error("the tables are nested too deep for names of tensors")
        count = 1
        while name in self._taken:
            count += 1
            name = f"{base} ({count})"
        self._taken.add(name)
        return name


class Place(NamedTuple):
    """A tensor ``array`` with its name, the object, list or dict that holds it, and the field it has there."""

    name: str
    owner: Any
    field: Any
    array: Any


def places(root: Any) -> Iterator[Place]:
    """All tensors in a value, named as those of its file."""
    names, seen = Names(), set()
    stack = [("", None, None, root)]
    while stack:
        path, owner, field, value = stack.pop()
        if arrays.is_array(value):
            yield Place(names.name(path.lstrip(".")), owner, field, value)
        elif _holds(value) and id(value) not in seen:
            seen.add(id(value))
            if len(path) > _LONGEST:
                raise T7Error("the tables are nested too deep for names of tensors")
            stack.extend(reversed([(path + label, value, key, item) for label, key, item in _items(value)]))


def _holds(value: Any) -> bool:
    return isinstance(value, list | tuple | dict | LuaTable | LuaFunction | TorchObject) or hasattr(value, "__dict__")


def _items(value: Any) -> list[tuple[str, Any, Any]]:
    """``(step of the path, key, item)`` for what a value holds."""
    if isinstance(value, list | tuple):
        return [(f"[{k}]", k - 1, item) for k, item in enumerate(value, 1)]
    if isinstance(value, dict | LuaTable):
        return [(_step(key), key, item) for key, item in value.items()]
    if isinstance(value, LuaFunction):
        return [(".<upvalues>", "upvalues", value.upvalues)]
    if not isinstance(value, TorchObject):
        return [(full_step(lua_name(key)), key, item) for key, item in fields_of(value).items()]
    if value.torch_typename == "tds.Hash":
        return [(f"[{k}]", None, x) for k, x in enumerate((x for pair in value.fields.items() for x in pair), 1)]
    return _items(value.fields if isinstance(value.fields, list | dict | LuaTable) else [value.fields])


def fields_of(obj: Any) -> dict[str, Any]:
    """The attributes of an object, and tensors that are properties of its class."""
    fields = {**vars(obj), **vars(obj).get(KEPT, {})}
    fields.pop(KEPT, None)
    for cls in type(obj).__mro__:
        names = [name for name, value in vars(cls).items() if isinstance(value, property) and name not in fields]
        for name in names:
            with contextlib.suppress(Exception):  # of an object that is not whole
                if arrays.is_array(value := getattr(obj, name)):
                    fields[name] = value
    return fields


def _step(key: Any) -> str:
    """As for the record that the key is in a file."""
    if isinstance(key, str | bytes | int | float):
        return full_step(key)
    kind = "table" if isinstance(key, list | dict | LuaTable) else typename(key)
    return f"[<{kind or 'function'}>]"
