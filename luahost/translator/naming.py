"""The Python name of each variable: its own, unless another of that name is meant at the same time."""

from __future__ import annotations

import re

from . import nodes as n
from .builtins import RESERVED
from .scopes import Resolver, Scope, Variable


class Naming:
    """Gives names function by function, from the outer to the inner."""

    def __init__(self, names: Resolver, main: n.Function, reserved: set[str]) -> None:
        self.names, self.reserved = names, RESERVED | reserved
        self.used: dict[Scope, set[str]] = {}
        self.taken: set[str] = set(reserved) | set(names.globals)
        self._function(names.functions[main])

    def _function(self, scope: Scope) -> None:
        outer = {v.python for v in scope.free} | self._globals(scope)
        for i, v in enumerate(scope.variables):
            self._name(v, scope.variables[:i], outer)
        self.used[scope] = {v.python for v in scope.variables} | outer
        for inner in scope.inner:
            self._function(inner)

    def _globals(self, scope: Scope) -> set[str]:
        found = set(scope.globals)
        for inner in scope.inner:
            found |= self._globals(inner)
        return found

    def _name(self, v: Variable, before: list[Variable], outer: set[str]) -> None:
        base = v.name + "_" if v.name in self.reserved else v.name
        if not base.isascii():
            base = re.sub(r"\W", "_", base)
        name, count = base, 1
        while name in outer or any(_clash(v, w) for w in before if w.python == name):
            count += 1
            name = f"{base.rstrip('_') or '_'}{count}"
        v.python = name

    def fresh(self, scope: Scope, base: str) -> str:
        """A name that no variable of the function, nor one that it sees, has."""
        name, count = base, 1
        used = set().union(*(self.used.get(s, set()) for s in self.names.functions.values()))
        while name in used or name in self.reserved or name in self.taken:
            count += 1
            name = f"{base}{count}"
        self.used[scope].add(name)
        return name


def _clash(v: Variable, w: Variable) -> bool:
    """Whether ``v`` cannot have the name of ``w``, which comes before it in the same function."""
    if any(scope.last_use > v.start for scope in w.captured):
        return True
    uses = [name for name, _ in w.uses]
    if w.end >= v.start and any(name.start > v.start and name.variable is w for name in uses):
        return True
    # seen again in the next round of a loop around both
    return (
        v.loop is not None
        and v.loop is not w.loop
        and w.start < v.loop.start
        and any(v.loop.start < name.start < v.loop.end for name in uses)
    )
