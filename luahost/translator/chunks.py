"""Chunks of Lua that a translated program makes at run time: ``loadstring``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .builtins import PACKAGES, PRELOADED, RUNTIME
from .parser import parse
from .project import Project
from .scopes import resolve
from .translate import translated


def function_of(text: str, name: str | None = None, octets: bool = False) -> Callable[..., Any]:
    """A chunk as a function that returns what the chunk returns; its globals are those of the program.

    ``octets``: the program's texts are bytes.
    """
    source = f"local function chunk(...) {text}\nend"
    names = resolve(parse(source)[0])
    shared = frozenset(names.globals) | names.assigned_globals
    shared -= RUNTIME | PACKAGES | PRELOADED | {"assert", "_G"}
    lines = translated(source, {}, Project(shared=shared, octets=octets))
    space: dict[str, Any] = {"__file__": name or ""}
    exec(compile(lines, name or "=(load)", "exec"), space)
    return space["chunk"]
