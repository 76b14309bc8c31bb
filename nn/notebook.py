"""Networks and criterions in notebooks: a tree to unfold, with the shapes of the last outputs and the parameters."""

from __future__ import annotations

from html import escape
from typing import Any

from torch7 import arrays

from . import utils

#: How many entries of a container are shown, and how many levels are open at first.
SHOWN, OPEN = 200, 2
ROW = '<span style="font-family:monospace">{name}</span> <span style="color:#888">{more}</span>'


def shape_text(x: Any) -> str:
    """``2x3``, or ``{2x3, 4}`` for a table."""
    if arrays.is_array(x):
        return "x".join(map(str, x.shape)) if x.size else "-"
    if utils.is_table(x):
        return "{" + ", ".join(shape_text(v) for v in (x.values() if isinstance(x, dict) else x)) + "}"
    return "-"


def tree(thing: Any) -> str:
    """The page of a module or criterion; nothing in it asks for anything elsewhere."""
    return f'<div style="line-height:1.6">{_entry(thing, "", 0, set())}</div>'


def _entry(thing: Any, place: str, depth: int, seen: set[int]) -> str:
    name, held = repr(thing).partition("\n")[0].removesuffix(" {"), _held(thing)
    again = id(thing) in seen
    seen.add(id(thing))
    row = ROW.format(name=escape(f"({place}) {name}" if place else name), more=escape(_more(thing, again)))
    if not held or again:
        return f'<div style="margin-left:1.2em">{row}</div>'
    rows = [_entry(child, str(i), depth + 1, seen) for i, child in enumerate(held[:SHOWN], 1)]
    rows += [f'<div style="margin-left:1.2em">... {len(held) - SHOWN} more</div>'] * (len(held) > SHOWN)
    state = " open" if depth < OPEN else ""
    return f'<details{state} style="margin-left:1.2em"><summary>{row}</summary>{"".join(rows)}</details>'


def _held(thing: Any) -> list:
    for name in ("modules", "criterions"):
        found = vars(thing).get(name)
        if isinstance(found, list) and found:
            return found
    return []


def _more(thing: Any, again: bool) -> str:
    """The shape of the last output, and the number of parameters, those that are shared once."""
    parts = ["again"] if again else []
    output = vars(thing).get("output")
    if (shape := shape_text(output)) != "-":
        parts.append(shape)
    elif isinstance(output, float):
        parts.append(f"{output:.6g}")
    if hasattr(thing, "parameters"):
        found = {id(p): p.size for p in thing.parameters()[0] if arrays.is_array(p)}
        if total := sum(found.values()):
            parts.append(f"{total:,} parameters")
    return ", ".join(parts)
