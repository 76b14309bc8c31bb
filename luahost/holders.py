"""Who holds an array: lists, dicts and fields of modules, found when a tensor takes other memory."""

from __future__ import annotations

import gc
import types
import weakref
from typing import Any

import torch7

_CONTAINERS = frozenset({list, tuple, dict})


class Fields:
    """The arrays in the fields of live modules and criterions, by identity.

    The collector does not know dicts of arrays alone, such as the fields of a Linear: they are looked up through their
    objects. Objects that Lua sees are indexed with all that they hold when an array is looked for; the index of all
    live objects is made anew only when an array is missing and held all the same.
    """

    def __init__(self) -> None:
        self._seen: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._version, self._made = 0, -1
        self._new: list[weakref.ref] = []  # seen, not indexed yet
        self._holders: dict[int, list[tuple[weakref.ref, str]]] = {}
        self._kinds: dict[type, bool] = {}

    def see(self, o: Any) -> None:
        """Lua gets the object ``o``."""
        if id(o) not in self._seen and self._has_fields(type(o)):
            self._seen[id(o)] = o
            self._new.append(weakref.ref(o))
            self._version += 1

    def replace_known(self, old: Any, new: Any) -> None:
        """Let fields hold ``new`` that are known to hold ``old``."""
        if self._new:
            self._enter([o for o in (reference() for reference in self._new) if o is not None])
            self._new.clear()
        self._replaced(old, new)

    def _enter(self, todo: list[Any]) -> None:
        """Index objects and those that they hold, in lists and tables too."""
        done: set[int] = set()
        while todo:
            o = todo.pop()
            if id(o) in done:
                continue
            done.add(id(o))
            if isinstance(o, dict):
                values = list(o.values())
            elif isinstance(o, list | tuple):
                values = list(o)
            else:
                self._note(o)
                values = list(vars(o).values())
            todo.extend(v for v in values if type(v) in _CONTAINERS or self._has_fields(type(v)))

    def _note(self, o: Any) -> None:
        for name, value in vars(o).items():
            if torch7.isTensor(value):
                self._holders.setdefault(id(value), []).append((weakref.ref(o), name))

    def replace(self, old: Any, new: Any) -> None:
        """Let fields that hold ``old`` hold ``new``."""
        if not self._replaced(old, new) and self._made != self._version:
            self._index()
            self._replaced(old, new)

    def _replaced(self, old: Any, new: Any) -> bool:
        found = False
        for ref, name in self._holders.pop(id(old), ()):
            o = ref()
            if o is not None and vars(o).get(name) is old:
                setattr(o, name, new)
                self._holders.setdefault(id(new), []).append((ref, name))
                found = True
        return found

    def _index(self) -> None:
        self._made, self._holders = self._version, {}
        for o in gc.get_objects():
            if self._has_fields(type(o)):
                self._note(o)

    def _has_fields(self, cls: type) -> bool:
        """Whether a class is of nn's packages or derived from one."""
        known = self._kinds.get(cls)
        if known is None:
            packages = {c.__module__.split(".")[0] for c in cls.__mro__ if isinstance(c.__module__, str)}
            known = bool(packages & {"nn", "nngraph"}) and hasattr(cls, "__dict__") and hasattr(cls, "__weakref__")
            self._kinds[cls] = known
        return known


fields = Fields()


def replace_everywhere(old: Any, new: Any) -> None:
    """Let all lists, dicts and objects that hold ``old`` hold ``new``."""
    for holder in gc.get_referrers(old):
        if isinstance(holder, list):
            holder[:] = [new if x is old else x for x in holder]
        elif isinstance(holder, dict):
            holder.update({k: new for k, x in holder.items() if x is old})
        elif hasattr(holder, "__dict__") and not isinstance(holder, types.FrameType | types.FunctionType | type):
            for name, x in list(vars(holder).items()):
                if x is old:
                    setattr(holder, name, new)
    fields.replace(old, new)
