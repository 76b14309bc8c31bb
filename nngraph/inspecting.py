"""Finding what is wrong in a graph: pictures of the node that failed, names from the script."""

from __future__ import annotations

import os
import sys
import tempfile
import warnings
import webbrowser
from typing import Any

from . import dot
from .node import Node

_debug = False


def setDebug(enable: bool) -> None:
    """Whether an error in an ``nn.gModule`` saves a picture of the graph, the node that failed in red.

    The files are ``NAME.dot`` and, with Graphviz, ``NAME.svg`` in the current folder; NAME is the field ``name`` of the
    gModule, or ``nngraph_2in_1out`` for the numbers of inputs and outputs.
    """
    global _debug
    _debug = bool(enable)


def on_error(module: Any, failed: Any) -> None:
    """Save the picture if :func:`setDebug` said so; a picture that fails leaves the error as it is."""
    if not _debug:
        return
    name = getattr(module, "name", None) or f"nngraph_{module.nInputs}in_{len(module.outnode.children)}out"
    try:
        dot.save(dot.todot(module.fg, name, failed), name)
    except Exception as error:
        warnings.warn(f"no picture of the graph: {error}", stacklevel=2)


def annotateNodes(stackLevel: int | None = None) -> None:
    """Name the nodes after the local variables of the function that calls this (``stackLevel`` 1), or of its callers.

    A node that has a name keeps it.
    """
    for name, value in list(sys._getframe(stackLevel or 1).f_locals.items()):
        if isinstance(value, Node) and not value.data.annotations.get("name"):
            value.annotate({"name": name})


def display(gmodule: Any) -> None:
    """Show the forward graph in the browser, drawn by Graphviz."""
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "graph.svg")
    dot.dot(gmodule.fg, None, path)
    webbrowser.open(f"file://{path}")
