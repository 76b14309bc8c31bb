"""Programs of the manual as they look best: without the empty line that ends the last example of each."""

from __future__ import annotations

from typing import Any

from docutils import nodes


def setup(app: Any) -> dict[str, bool]:
    app.connect("doctree-read", end_where_the_text_ends)
    return {"parallel_read_safe": True}


def end_where_the_text_ends(app: Any, doctree: nodes.document) -> None:
    for block in doctree.findall(nodes.literal_block):
        text = block.astext().rstrip()
        block.rawsource = text
        block.children = [nodes.Text(text)]
