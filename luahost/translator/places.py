"""The lines of the Lua program that the lines of its translation come from, kept as a comment at the end."""

from __future__ import annotations

import ast
import re

# what shows a program where its errors are
_SHOWS = re.compile(r"\b(?:pcall|xpcall|coroutine\.(?:resume|wrap)|debug\.(?:traceback|getinfo))\b")


def shows_places(source: str) -> bool:
    """Whether a program may look at the text of its errors."""
    return _SHOWS.search(source) is not None


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
