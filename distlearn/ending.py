"""All nodes end together: one that raises takes the others with it, one that leaves early tells them."""

from __future__ import annotations

import atexit
import sys
from types import TracebackType
from typing import Any

from . import mpi
from .rounds import Call, Disagreement, Round

_trees: list = []
_before: Any = None


def watch(tree: Any) -> None:
    """From now on an exception that nobody catches ends the whole run, and so does leaving before the other nodes."""
    global _before
    _trees.append(tree)
    if _before is None:
        _before = sys.excepthook
        sys.excepthook = end
        atexit.register(leave)


def end(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    """Print the exception under the node's name, then end the processes of all nodes."""
    world = mpi.mpi().COMM_WORLD
    print(f"\nnode {world.rank + 1} of {world.size} ends the run:", file=sys.stderr)
    _before(kind, error, place)
    abort()


def abort() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    mpi.mpi().COMM_WORLD.Abort(1)


def leave() -> None:
    """Tell the other nodes that this one has come to its end. Where they have not, they end with a message."""
    for tree in _trees:
        if tree.broken is not None:
            print(f"node {tree.nodeIndex} of {tree.numNodes} ends the run: {tree.broken}", file=sys.stderr)
            abort()
    rounds = [Round(tree, Call("the end of the program"), True, 0) for tree in _trees]
    for round in rounds:
        try:
            round.agree()
        except Disagreement as e:
            print(f"node {round.nodes.nodeIndex} has ended before the others: {e}", file=sys.stderr)
