"""Formulas as MathML, written while the manual is built: they show without a network and without a script."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.errors import ExtensionError

PRIME = "\u2032"
#: Elements that lay their children out in a line.
ROWS = {"math", "mrow", "mstyle", "mtd"}
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}


def setup(app: Any) -> dict[str, bool]:
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def formula(latex: str, display: str) -> str:
    """The element ``math`` of a formula; an error for a command that is not known, which would show as it is."""
    element = ElementTree.fromstring(convert(latex, display=display, xmlns=""))
    space_functions(element)
    level_primes(element)
    text = ElementTree.tostring(element, encoding="unicode")
    if "\\" in text:
        raise ExtensionError(f"the formula {latex!r} has a command that latex2mathml does not know: {text}")
    return text


def space_functions(element: Any) -> None:
    """A thin space between the name of a function and what it is taken of, where no bracket stands: log x."""
    for row in element.iter():
        if row.tag in ROWS:
            children = list(row)
            for i in range(len(children) - 1, 0, -1):
                if _is_function(children[i - 1]) and children[i].tag not in ("mo", "mspace"):
                    row.insert(i, row.makeelement("mspace", {"width": "0.167em"}))


def _is_function(element: Any) -> bool:
    base = element[0] if element.tag in SCRIPTS else element
    return base.tag == "mi" and len(base.text or "") > 1 and base.text.isalpha()


def level_primes(element: Any) -> None:
    """Primes on the line: their sign is a raised one already, and fonts for text raise and shrink it once more."""
    for parent in list(element.iter()):
        for child in list(parent):
            if child.tag == "msup" and len(child) == 2 and (child[1].text or "").strip(PRIME) == "" and child[1].text:
                child.tag, child[1].tag = "mrow", "mo"
                child[1].attrib.update({"lspace": "0", "rspace": "0"})


def inline(writer: Any, node: nodes.math) -> None:
    writer.body.append(formula(node.astext(), "inline"))
    raise nodes.SkipNode


def block(writer: Any, node: nodes.math_block) -> None:
    name = f' id="{node["ids"][0]}"' if node["ids"] else ""
    writer.body.append(f'<div class="math"{name}>{formula(node.astext(), "block")}</div>\n')
    raise nodes.SkipNode
