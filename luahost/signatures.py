"""How many arguments functions of Python take, and of what kind."""

from __future__ import annotations

import inspect
from typing import Any


def takes_dict(f: Any) -> bool:
    """Whether a parameter of a function is a dict: an empty table of Lua is one then, not a list."""
    return any(
        str(kind).startswith("dict") for name, kind in getattr(f, "__annotations__", {}).items() if name != "return"
    )


def counts_of(f: Any) -> tuple[int, int] | None:
    """The least and the most arguments that a function takes by place, None where that cannot be told."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return None
    places = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    free = any(p.kind == p.VAR_POSITIONAL for p in parameters)
    return sum(p.default is p.empty for p in places), 10**6 if free else len(places)


def whole_places(f: Any) -> tuple[int, ...]:
    """The places of the arguments of a function or class that are whole numbers by their annotation."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return ()
    return tuple(i for i, p in enumerate(parameters) if str(p.annotation) in ("int", "int | None"))
