"""Misspelt names."""

from __future__ import annotations

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
