"""The nodes that layers take which were given none."""

from __future__ import annotations

from typing import Any

from nn.pytorch import parallel

from ..tree import Tree


def init_process_group(backend: Any = None, tree: Tree | None = None) -> Tree:
    """Let ``tree``, a tree of all nodes unless given, be the process group of layers that have none; returns it.

    ``backend``, the transport that PyTorch's function asks for, is MPI here whatever it says. A second call without a
    tree returns the first one's. All nodes have to call it.
    """
    if tree is not None or parallel.world is None:
        parallel.world = Tree() if tree is None else tree
    return parallel.world
