"""Tables that a method written in Lua gives to fields of its object, and goes on filling."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .holders import replace_everywhere
from .tables import Copies

_CALLS = 200


class Links:
    """The tables and the lists or dicts that became of them.

    Those of a method that Python called live until it returns; others for some calls of Python, which is when each
    field gets what its table has.
    """

    def __init__(self) -> None:
        self.running: list[dict[int, list]] = [{}]
        self.some: list[bool] = []  # not empty while there are any

    @contextmanager
    def method(self) -> Iterator[None]:
        """While a method of Lua runs for Python."""
        self.running.append({})
        try:
            yield
        finally:
            self.copy_to_python()
            if self.running.pop():
                self._tell()

    def add(self, table: Any, content: Any) -> None:
        """A field has taken ``table`` as ``content``."""
        self.running[-1][id(content)] = [table, content, _CALLS]
        self._tell()

    def find(self, content: Any) -> Any:
        """The table whose contents are those of a field, or None."""
        link = self.running[-1].get(id(content)) if self.running[-1] else None
        return None if link is None else link[0]

    def copy_to_python(self) -> Copies | None:
        """Let the fields have what the tables have now; what Python changes then, the copies write back."""
        here = self.running[-1]
        if not here:
            return None
        from .convert import to_python

        copies = Copies()
        for key, link in list(here.items()):
            table, content, calls = link
            now = to_python(table, named=isinstance(content, dict))
            link[2] = calls - 1
            if type(now) is not type(content):
                replace_everywhere(content, now)
                here[id(now)] = here.pop(key)
                link[1] = now
            elif isinstance(now, list):
                content[:] = now
            else:
                content.clear()
                content.update(now)
            copies.add(table, link[1])
            if calls <= 1 and len(self.running) == 1:
                here.pop(id(link[1]), None)
        self._tell()
        return copies

    def _tell(self) -> None:
        self.some[:] = [True] if any(self.running) else []


links = Links()
