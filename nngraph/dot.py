"""Pictures of graphs: text in the language DOT, and what the program ``dot`` of Graphviz draws of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from torch7 import arrays

DRAWN = ("svg", "png", "pdf")


def dot(g: Any, title: str | None = None, fname: str | None = None) -> str:
    """Save a picture of the graph ``g``; returns its DOT text.

    ``fname`` without a suffix gives ``fname.dot`` and, where Graphviz is installed, ``fname.svg``, as in Lua; with the
    suffix ``.dot``, ``.svg``, ``.png`` or ``.pdf`` that file alone, and ``FileNotFoundError`` where it needs Graphviz
    that is not there. Without ``fname`` nothing is saved.
    """
    text = todot(g, title)
    if fname is not None:
        save(text, str(fname))
    return text


def save(text: str, fname: str) -> None:
    """Save DOT text under ``fname``; see :func:`dot`."""
    path = Path(fname)
    kind = path.suffix[1:].lower()
    if kind in DRAWN:
        draw(text, path, kind)
    elif kind == "dot":
        path.write_text(text)
    else:
        Path(f"{fname}.dot").write_text(text)
        if shutil.which("dot"):
            draw(text, Path(f"{fname}.svg"), "svg")


def draw(text: str, path: Path, kind: str) -> None:
    """Let Graphviz draw DOT text."""
    program = shutil.which("dot")
    if program is None:
        raise FileNotFoundError(
            f"{path} needs the program dot of Graphviz (apt install graphviz); a .dot file does not"
        )
    subprocess.run([program, f"-T{kind}", "-o", str(path)], input=text.encode(), check=True)


def todot(g: Any, title: str | None = None, failed: Any = None) -> str:
    """The graph in DOT; the node whose data is ``failed`` is red."""
    lines = ["digraph G {"]
    if title:
        lines += ['labelloc="t";', f"label={quoted(title)};"]
    lines.append("node [shape = oval];")
    for node in g.nodes:
        attributes = {"label": f"{_name(node)}\n{node.label()}"} | _attributes(node)
        if failed is not None and node.data is failed:
            attributes |= {"style": "filled", "fillcolor": "red"}
        lines.append(f"n{node.id}[{' '.join(f'{k}={quoted(v)}' for k, v in attributes.items())}];")
    lines += [f"n{edge.from_.id} -> n{edge.to.id};" for edge in g.edges]
    return "\n".join([*lines, "}"])


def _name(node: Any) -> str:
    return node.graphNodeName() if hasattr(node, "graphNodeName") else f"Node{node.id}"


def _attributes(node: Any) -> dict[str, Any]:
    return node.graphNodeAttributes() if hasattr(node, "graphNodeAttributes") else {}


def quoted(value: Any) -> str:
    """A value as DOT writes it; backslashes stay, they begin DOT's own escapes."""
    text = str(value)
    if text.isascii() and text.isalpha():
        return text
    return '"' + text.replace('"', '\\"').replace("\n", "\\n") + '"'


def described(value: Any) -> str:
    """A value of a node's data: a tensor by its type and sizes, ``Tensor[3x4]``, tables by their entries."""
    if arrays.is_array(value):
        name = arrays.type_name(value)
        name = "Tensor" if name == arrays.getdefaulttensortype() else name
        return f"{name}[{'x'.join(map(str, value.shape))}]{flaw(value)}"
    if isinstance(value, list | tuple):
        return "{" + ",".join(map(described, value)) + "}"
    return "" if value is None else str(value).replace("\n", "\\l")


def flaw(x: Any) -> str:
    """``NaN``, ``inf`` or ``-inf`` for a tensor that holds such a number."""
    if x.dtype.kind != "f" or not x.size:
        return ""
    xp = arrays.array_module(x)
    if xp.isnan(x).any():
        return "NaN"
    return "inf" if x.max() == xp.inf else "-inf" if x.min() == -xp.inf else ""
