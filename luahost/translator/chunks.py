"""Chunks of Lua that a translated program makes at run time: ``loadstring``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .translate import translated


def function_of(text: str, name: str | None = None) -> Callable[..., Any]:
    """A chunk as a function that returns what the chunk returns."""
    lines = translated(f"local function chunk(...) {text}\nend", {}).splitlines()
    space: dict[str, Any] = {}
    exec(compile("\n".join(lines), name or "=(load)", "exec"), space)
    return space["chunk"]
