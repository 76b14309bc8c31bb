"""Lua values that Python has no type for: what :func:`torch7.load` returns beside numbers, lists, dicts and arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from .. import arrays


class Storage:
    """A bare ``torch.FloatStorage`` (or another type): ``data`` is its 1-D array, shared with the tensors that view it.

    ``len(s)``, ``s[i]`` (from 0) and ``np.asarray(s)`` work. A LongStorage that holds sizes loads as a tuple of ints
    instead, and a tuple of ints is written as one.
    """

    def __init__(self, data: Any) -> None:
        self.data = data

    @property
    def torch_typename(self) -> str:
        return arrays.type_name(self.data).replace("Tensor", "Storage")

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, i: Any) -> Any:
        return self.data[i]

    def __setitem__(self, i: Any, value: Any) -> None:
        self.data[i] = value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.data, dtype) if not copy else np.array(self.data, dtype)

    def string(self, text: str | None = None) -> Any:
        """The elements as the bytes of a text; with ``text`` they become those, and the storage is returned."""
        if text is None:
            found = np.asarray(self.data).astype(np.uint8).tobytes()
            return found.decode(texts.encoding, "surrogateescape")
        octets = np.frombuffer(text.encode(texts.encoding, "surrogateescape"), np.uint8)
        self.data = octets.astype(np.asarray(self.data).dtype)
        return self

    def __repr__(self) -> str:
        return f"<{self.torch_typename} of size {len(self)}>"


class LuaTable(MutableMapping):
    """A table whose keys a dict cannot hold: tables or tensors, or both ``1`` and ``true``.

    Keys compare as in Lua: numbers, strings and booleans by type and value, everything else by identity.
    """

    def __init__(self, pairs: Any = ()) -> None:
        self._entries: dict[Any, tuple[Any, Any]] = {}
        for key, value in pairs:
            self[key] = value

    @staticmethod
    def _identity(key: Any) -> Any:
        if isinstance(key, bool | np.bool_):
            return bool, bool(key)
        if isinstance(key, int | float | str | bytes):
            return key
        return id, id(key)

    def __getitem__(self, key: Any) -> Any:
        return self._entries[self._identity(key)][1]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._entries[self._identity(key)] = key, value

    def __delitem__(self, key: Any) -> None:
        del self._entries[self._identity(key)]

    def __iter__(self) -> Iterator:
        return (key for key, _ in self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def __repr__(self) -> str:
        return f"<LuaTable of {len(self)} entries>"

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other

    def __getstate__(self) -> list:
        return list(self._entries.values())

    def __setstate__(self, state: list) -> None:
        self.__init__(state)


#: how functions of Python are written and read; the run-time library of translated programs knows how
functions = SimpleNamespace(write=None, read=None, table=None)
#: how the strings of files are read and written; a translated program may have bytes, as Lua's are
texts = SimpleNamespace(encoding="utf-8")


class LuaFunction:
    """A Lua function, never run: ``code``, its bytes as they were in the file, and its ``upvalues``.

    ``tag`` (6, 7 or 8) is the layout of the file it came from. It is written back bit for bit.
    """

    def __init__(self, tag: int, code: bytes, upvalues: Any = None) -> None:
        self.tag, self.code, self.upvalues = tag, code, upvalues

    def __repr__(self) -> str:
        return f"<Lua function, {len(self.code)} bytes>"


class TorchObject:
    """An object of a class that is not known here: its name, version and fields, to look at and to write back.

    ``fields`` is what the class wrote, nearly always a dict; ``obj.name`` reads ``obj.fields['name']``. ``version`` is
    None where the file, an old one, has none. Inside a network it is a leaf: ``behaviour`` is what nn lets it do.
    """

    behaviour: Callable[[TorchObject, str], Any] | None = None

    def __init__(self, torch_typename: str, fields: Any = None, version: int | None = 1) -> None:
        self.torch_typename = torch_typename
        self.fields = {} if fields is None else fields
        self.version = version

    def __getattr__(self, name: str) -> Any:
        fields = self.__dict__.get("fields")
        if isinstance(fields, dict) and name in fields:
            return fields[name]
        if TorchObject.behaviour is not None and not name.startswith("__"):
            return TorchObject.behaviour(self, name)
        raise AttributeError(f"{self.__dict__.get('torch_typename', 'object')} has no field {name!r}")

    def __repr__(self) -> str:
        size = f", {len(self.fields)} fields" if isinstance(self.fields, dict) else ""
        return f"<{self.torch_typename}{size}>"
