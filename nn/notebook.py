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
    name, held = repr(thing).partition("\n")[0].removesuffix(" {").removesuffix("("), _held(thing)
    again = id(thing) in seen
    seen.add(id(thing))
    row = ROW.format(name=escape(f"({place}) {name}" if place else name), more=escape(_more(thing, again)))
    if not held or again:
        return f'<div style="margin-left:1.2em">{row}</div>'
    rows = [_entry(child, name, depth + 1, seen) for name, child in held[:SHOWN]]
    rows += [f'<div style="margin-left:1.2em">... {len(held) - SHOWN} more</div>'] * (len(held) > SHOWN)
    state = " open" if depth < OPEN else ""
    return f'<details{state} style="margin-left:1.2em"><summary>{row}</summary>{"".join(rows)}</details>'


def _held(thing: Any) -> list[tuple[str, Any]]:
    """What a container holds, by place; children of nn.pytorch by name."""
    state = vars(thing)
    if "_modules" in state:
        return [(name, child) for name, child in state["_modules"].items() if child is not None]
    for name in ("modules", "criterions"):
        found = state.get(name)
        if isinstance(found, list) and found:
            return [(str(i), child) for i, child in enumerate(found, 1)]
    return []


def _more(thing: Any, again: bool) -> str:
    """The shape of the last output, and the number of parameters, those that are shared once."""
    parts = ["again"] if again else []
    output = vars(thing).get("output", vars(thing).get("_result"))
    if (shape := shape_text(output)) != "-":
        parts.append(shape)
    elif isinstance(output, float):
        parts.append(f"{output:.6g}")
    if hasattr(thing, "parameters"):
        held = list(thing.parameters()) if "_modules" in vars(thing) else thing.parameters()[0]
        found = {id(p): p.size for p in held if arrays.is_array(p)}
        if total := sum(found.values()):
            parts.append(f"{total:,} parameters")
    return ", ".join(parts)
