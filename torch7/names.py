"""Misspelt names."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


def nearest(key: Any, names: Iterable[str]) -> str | None:
    """The one of ``names`` that ``key`` looks like a misspelling of: other capitals, underscores, a letter or two."""
    if not isinstance(key, str):
        return None
    plain = {name.replace("_", "").lower(): name for name in names if not name.startswith("_")}
    mine = key.replace("_", "").lower()
    close = [n for n in get_close_matches(mine, plain, 3, 0.87) if abs(len(n) - len(mine)) <= 2]
    return plain[close[0]] if close else None


def doubt_field(owner: str, thing: Any, name: str) -> None:
    """Warn where a field that ``thing`` does not have is set, and looks like one that it has."""
    if not hasattr(thing, name) and (near := nearest(name, vars(thing))) is not None:
        message = f"{owner} has no field {name!r} and does not look at it; is {near!r} meant?"
        warnings.warn(message, UserWarning, stacklevel=3)
