"""All nodes end together: one that raises takes the others with it, one that leaves early tells them.

A node may fail before it or the others have made a tree, or even started MPI. Launchers do not always notice that, so a
process that was started together with others starts MPI at its end, too, and meets them there.
"""

from __future__ import annotations

import atexit
import io
import os
import sys
import time
from contextlib import redirect_stderr
from types import TracebackType
from typing import Any

import numpy as np

from . import mpi
from .rounds import Call, Disagreement, Round

#: How many processes there are, as launchers tell each of them. Its own children inherit that; they see by ``OWNER``
#: that they are none of these.
SIZES, OWNER = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE"), "DISTLEARN_PROCESS"

#: Seconds that a process waits at its end for others, which may not use distlearn at all.
PATIENCE = 10

trees: list = []
_before: Any = None


def watch() -> None:
    """From now on an exception that nobody catches ends the whole run, and so does leaving before the other nodes."""
    global _before
    if launched_with_others():
        os.environ.setdefault(OWNER, str(os.getpid()))
    if _before is None:
        _before = sys.excepthook
        sys.excepthook = end
        atexit.register(leave)


def launched_with_others() -> bool:
    """Whether a launcher says so. A process that is to call one must not leave its mark to what it starts."""
    return any(os.environ.get(name, "1") != "1" for name in SIZES)


def world() -> Any:
    """The communicator of all processes, if there are several: MPI starts here where it has not yet."""
    owner = launched_with_others() and os.environ.get(OWNER) == str(os.getpid())
    if not owner and "mpi4py.MPI" not in sys.modules:
        return None
    try:
        MPI = mpi.mpi()
    except ImportError:
        return None
    usable = MPI.Is_initialized() and not MPI.Is_finalized()
    return MPI.COMM_WORLD if usable and MPI.COMM_WORLD.size > 1 else None


def meet(comm: Any, leaving: bool) -> Any:
    """Begin to tell the nodes of ``comm`` whether this one makes a tree or leaves: a request, and how many leave."""
    count = np.array([leaving], np.int64)
    with mpi.LOCK:
        return comm.Iallreduce(mpi.mpi().IN_PLACE, count), count


def enter(comm: Any) -> None:
    """Meet the nodes that make a tree on ``comm``; :class:`Disagreement` where one of them has come to its end."""
    request, leaving = meet(comm, False)
    mpi.wait(request)
    if leaving[0]:
        raise Disagreement(f"{leaving[0]} of {comm.size} nodes have ended before the others made a tree")


def end(kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
    """Print the exception under the node's name, then end the processes of all nodes.

    All of it is written at once, since the launcher prints what it has to say between two pieces.
    """
    nodes = world()
    if nodes is None:
        return _before(kind, error, place)
    text = io.StringIO()
    try:
        with redirect_stderr(text):
            _before(kind, error, place)
    finally:
        sys.stderr.write(f"\nnode {nodes.rank + 1} of {nodes.size} ends the run:\n{text.getvalue()}")
    return abort()


def abort() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    mpi.mpi().COMM_WORLD.Abort(1)


def leave() -> None:
    """Tell the other nodes that this one has come to its end. Where they have not, they end with a message."""
    for tree in trees:
        if tree.broken is not None:
            print(f"node {tree.nodeIndex} of {tree.numNodes} ends the run: {tree.broken}", file=sys.stderr)
            abort()
    nodes = world()
    if nodes is None:
        return
    request, leaving = meet(nodes, True)
    rounds = [Round(tree, Call("the end of the program"), True, 0) for tree in trees]
    for round in rounds:
        try:
            round.agree()
        except Disagreement as e:
            print(f"node {round.nodes.nodeIndex} has ended before the others: {e}", file=sys.stderr)
    stop = time.monotonic() + PATIENCE
    mpi.until(lambda: mpi.finished(request) or time.monotonic() > stop)
    if mpi.finished(request) and leaving[0] < nodes.size:
        print(f"node {nodes.rank + 1} of {nodes.size} has ended before the others made a tree", file=sys.stderr)
