"""Tables: a Python list or dict seen from Lua, and a Lua table copied for a call of Python and written back."""

from __future__ import annotations

import weakref
from operator import is_
from typing import Any

from .holders import replace_everywhere
from .tensors import latest

_GAP = 64  # of nils in a list, at most
_views: weakref.WeakValueDictionary[int, TableView] = weakref.WeakValueDictionary()


class TableView:
    """A Python list or dict as a table: indices from 1, nil past the end, nil shortens a list."""

    __slots__ = ("__weakref__", "content")

    def __init__(self, content: Any) -> None:
        self.content = content

    def get(self, key: Any) -> tuple[Any, Any]:
        """The value and its key in Python, or (None, None)."""
        content = self.content
        if hasattr(type(content), "lua_methods"):
            return (None, None) if isinstance(content, list) and not _in(key, content) else (content[key], key)
        if isinstance(content, list):
            if isinstance(key, int) and 1 <= key <= len(content):
                return content[key - 1], key - 1
            return None, None
        return content.get(key), key

    def set(self, key: Any, value: Any) -> None:
        content = self.content
        if hasattr(type(content), "lua_methods"):
            content[key] = value
        elif not isinstance(content, list):
            if value is None:
                content.pop(key, None)
            else:
                content[key] = value
        elif not isinstance(key, int) or not 1 <= key <= len(content) + _GAP:
            if value is not None:
                self.become({**dict(enumerate(content, 1)), key: value})
        elif key > len(content):
            if value is not None:
                content.extend([None] * (key - 1 - len(content)))
                content.append(value)
        else:
            content[key - 1] = value
            while content and content[-1] is None:
                content.pop()

    def become(self, content: Any) -> None:
        """A list that gets other keys is a dict, for all who hold it."""
        old, self.content = self.content, content
        latest.clear()
        _views.pop(id(old), None)
        _views[id(content)] = self
        replace_everywhere(old, content)

    def keys(self) -> list:
        """The keys whose value is not nil."""
        if isinstance(self.content, list):
            return [i for i, x in enumerate(self.content, 1) if x is not None]
        return [k for k, x in self.content.items() if x is not None]

    def __len__(self) -> int:
        n = 0
        if hasattr(type(self.content), "lua_methods"):
            return len(self.content)
        if isinstance(self.content, list):
            n = len(self.content)
            while n and self.content[n - 1] is None:
                n -= 1
            return n
        while self.content.get(n + 1) is not None:
            n += 1
        return n

    def __str__(self) -> str:
        return str(self.content) if hasattr(type(self.content), "lua_methods") else f"table: 0x{id(self.content):x}"

    @property
    def typename(self) -> str | None:
        """The class of a content that is no plain list or dict: ``'tds.Vec'``."""
        return getattr(type(self.content), "torch_typename", None)


def _in(key: Any, content: list) -> bool:
    return isinstance(key, int) and 1 <= key <= len(content)


def view_of(content: Any) -> TableView:
    """The view of a list or dict: the same one as long as Lua holds it."""
    view = _views.get(id(content))
    if view is None or view.content is not content:
        view = _views[id(content)] = TableView(content)
    return view


class Copies:
    """The Lua tables that went into one call of Python as lists and dicts. ``octets``: text is bytes, as in files."""

    def __init__(self, octets: bool = False) -> None:
        self.octets = octets
        self.entries: list[tuple[Any, Any, Any]] = []
        self.known: dict[int, Any] = {}  # by the identity of the table

    def add(self, table: Any, content: Any) -> None:
        self.entries.append((table, content, content.copy()))

    def find(self, content: Any) -> Any:
        """The table that went in as ``content``, or None."""
        for table, entered, _ in self.entries:
            if entered is content:
                return table
        return None

    def write_back(self, to_lua: Any) -> None:
        """Let the tables have what Python changed."""
        for table, content, before in self.entries:
            if isinstance(content, list):
                if len(content) != len(before) or not all(map(is_, content, before)):
                    write_list(table, content, before, to_lua)
                continue
            for key, x in content.items():
                if key not in before or before[key] is not x:
                    table[key] = to_lua(x)
            for key in before.keys() - content.keys():
                table[key] = None


def write_list(table: Any, content: list, before: list, to_lua: Any) -> None:
    """Let a table have what a list has now."""
    for i, x in enumerate(content):
        if i >= len(before) or x is not before[i]:
            table[i + 1] = to_lua(x)
    for i in range(len(content), len(before)):
        table[i + 1] = None
