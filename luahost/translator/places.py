"""The lines of the Lua program that the lines of its translation come from, kept as a comment at the end."""

from __future__ import annotations

import ast

from . import nodes as n
from .knowledge import Knowledge

_GUARDS = frozenset({"pcall", "coroutine.resume"})
_SHOW = frozenset({"xpcall", "debug.traceback", "debug.getinfo"})


def shows_places(known: Knowledge) -> bool:
    """Whether a program looks at the text of its errors."""
    called = {x.f for x in known.nodes if isinstance(x, n.Call)}
    for x in known.nodes:
        if isinstance(x, n.Call) and known.text(x.f) in _GUARDS and _takes_text(known, x):
            return True
        if isinstance(x, n.Name | n.Index) and known.text(x) in _SHOW | (set() if x in called else _GUARDS):
            return True
    return False


def _takes_text(known: Knowledge, x: n.Call) -> bool:
    """Whether more than the first value of a call is asked for, which was a text if a run came here."""
    if known.reached(x) and not any(word.startswith("string") for word in known.words(f"{x.number}.2")):
        return False
    parent = known.parents.get(x)
    if isinstance(parent, n.Local | n.Assign):
        targets = parent.names if isinstance(parent, n.Local) else parent.targets
        return parent.values[-1] is x and len(targets) > len(parent.values)
    return known.is_spread(x)


def comment(name: str, raw: list[str], text: str, names: list[str]) -> str:
    """``# lines of p.lua: 4:1 9:5``: from line 4 of ``text`` on it is line 1 of Lua, from line 9 on line 5.

    ``raw`` are the lines before they were formatted, ``names`` the globals of the program.
    """
    pairs: list[str] = []
    shift = None
    for line, of in sorted(_lines(raw, text).items()):
        lua = getattr(raw[of - 1], "lua", None)
        if lua is not None and lua - line != shift:
            pairs.append(f"{line}:{lua}")
            shift = lua - line
    told = f"; globals {' '.join(names)}" if names else ""
    return f"# lines of {name}: {' '.join(pairs)}{told}\n"


def _lines(raw: list[str], text: str) -> dict[int, int]:
    """Each line of ``text`` where a statement begins, with its line in ``raw``."""
    trees = (ast.walk(ast.parse(program)) for program in ("\n".join(raw), text))
    found: dict[int, int] = {}
    for before, after in zip(*trees):
        if isinstance(before, ast.stmt) and isinstance(after, ast.stmt):
            found.setdefault(after.lineno, before.lineno)
    return found
