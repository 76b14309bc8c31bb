"""Fields of objects as Lua reads and writes them again and again: bound to the object and the name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch7.serialization.attributes import transient

from .convert import lua_table
from .held import SAME, marked
from .links import links
from .objects import NAMES, SCALARS, get, set
from .tables import TableView
from .tensors import latest


def reader(o: Any, key: str, place: int) -> Callable[..., Any]:
    """``o[key]``: the mark where Lua holds at ``place`` what is there."""
    some = links.some

    def read() -> Any:
        try:
            if latest[place] is getattr(o, key, None) and not some:
                return SAME
        except KeyError:
            pass
        value = get(o, key)
        return marked(place, value[0] if type(value) is tuple else value)

    return read


def writer(o: Any, key: str) -> Callable[..., Any]:
    """``o[key] = value``."""
    name = NAMES.get(key, key)

    def write(value: Any) -> None:
        if type(value) in SCALARS:
            setattr(o, name, value)
        else:
            set(o, key, value)

    return write


def keys(o: Any) -> Any:
    """A table of the keys for ``pairs``."""
    if isinstance(o, TableView):
        return lua_table(o.keys())
    shown = {python: name for name, python in NAMES.items()}
    fields, hidden = getattr(o, "__dict__", {}), transient(type(o))
    return lua_table([shown.get(k, k) for k, x in fields.items() if x is not None and k not in hidden])


def restored(o: Any) -> None:
    """Make what an object derives from its fields, which were set one by one."""
    if hasattr(o, "_restore"):
        o._restore()
