"""``distlearn.Tree``: the nodes of a run, and what torch-ipc's tree offered."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from torch7 import arrays

from . import ending, mpi, reduction, tables
from .exchange import Exchange
from .rounds import Call, Disagreement, Round, difference


class Tree:
    """The nodes that train together: one process each, started by ``mpirun -n 4 python script.py``.

    ``comm``: an mpi4py communicator, ``COMM_WORLD`` unless given; it is duplicated, so every node of it has to make the
    tree. ``cudaAware``: hand CuPy arrays to MPI as they are, for an MPI that can read GPU memory; otherwise they travel
    through the host. A process that was started alone is a tree of one node, on which all methods work.

    Fields: ``nodeIndex``, from 1 to ``numNodes``; ``rank``, MPI's number, from 0.

    All nodes must call the same methods in the same order, with tensors of the same sizes and types. Where they do
    not, where a node ends early or raises an exception, all nodes end with a message. Source: torch-ipc.
    """

    def __init__(self, comm: Any = None, cudaAware: bool | None = None) -> None:
        MPI = mpi.mpi()
        comm = MPI.COMM_WORLD if comm is None else comm
        self.rank, self.numNodes = comm.Get_rank(), comm.Get_size()
        if self.numNodes > 1:
            ending.enter(comm)
        #: Sums and broadcasts; the second half of compressed sums; the words of nodes that disagree.
        self.comm, self.second, self._words = (comm.Dup() for _ in range(3))
        self.inPlace = MPI.IN_PLACE
        self.nodeIndex = self.rank + 1
        self.cudaAware = bool(cudaAware)
        self.broken: str | None = None
        self._known: set[Call] = set()
        self._last: Round | None = None
        if self.numNodes > 1:
            ending.trees.append(self)

    def __deepcopy__(self, memo: dict) -> Tree:
        return self

    def __reduce__(self) -> tuple:
        raise TypeError("a distlearn.Tree stands for running processes and cannot be written to a file")

    def __repr__(self) -> str:
        return f"distlearn.Tree(node {self.nodeIndex} of {self.numNodes})"

    # -- what torch-ipc's tree had

    walkTable = staticmethod(tables.walkTable)

    def allReduce(
        self, value: Any, reduceFn: Callable | None = None, zeroFn: Callable[[Any], Any] | None = None
    ) -> tuple[Any, int]:
        """``value`` of all nodes reduced to one, and how many nodes contributed.

        ``value``: a number, a tensor or a nested table of them; tensors are overwritten. ``reduceFn(a, b)`` reduces two
        tensors or numbers, in place or not; without one they are added. A NumPy function (``np.maximum``) or one of
        ``operator`` runs in MPI. A node that has no values left passes ``zeroFn``, which makes tensors neutral, in
        place: it then takes part in the others' calls until all nodes have come here, and returns 0 as the number.
        """
        call = Call("allReduce", _layout(value), reduction.name(reduceFn))
        while True:
            if zeroFn is not None:
                value = tables.walkTable(value, zeroFn)
            count = self.begin(call, zeroFn is None).agree()
            if count and self.numNodes > 1:
                value = reduction.reduced(self, value, reduceFn)
            if zeroFn is None or not count:
                return value, count

    def scatter(self, value: Any, nodeIndex: int | None = None) -> Any:
        """``value`` of node ``nodeIndex`` (1) on all nodes: a number, a tensor or a nested table; returns it.

        Tensors are overwritten.
        """
        root = 0 if nodeIndex is None else operator.index(nodeIndex) - 1
        if not 0 <= root < self.numNodes:
            raise IndexError(f"scatter: nodes are numbered from 1 to {self.numNodes}, got {nodeIndex}")
        self.begin(Call("scatter", _layout(value), f"from node {root + 1}")).agree()
        if self.numNodes == 1:
            return value
        return reduction.scattered(self, value, root)

    # -- what its users stand on

    def begin(self, call: Call, contributes: bool = True, samples: int = 0) -> Round:
        """Begin a round. Where ``call`` was not agreed on before, wait for the other nodes' answer."""
        if self.broken is not None:
            raise Disagreement(f"this tree cannot be used any more: {self.broken}")
        if self._last is not None:
            self._last.agree()
        self._last = Round(self, call, contributes, samples)
        if call not in self._known:
            self._last.agree()
            self._known.add(call)
        return self._last

    def exchange(self, tensors: list, limit: int | None = None, codec: Any = None) -> Exchange:
        """A sum over the nodes of ``tensors``, in place, in buckets of ``limit`` bytes."""
        return Exchange(self, tensors, limit, codec)

    def disagree(self, call: Call) -> None:
        """Learn what the other nodes are about to do, and raise the difference everywhere."""
        self.broken = "its nodes did not do the same"
        self.broken = difference(self._words.allgather(call))
        raise Disagreement(self.broken)

    def breakUp(self, reason: str) -> None:
        """Make the tree unusable: this node cannot keep step with the others."""
        self.broken = self.broken or reason


def LocalhostTree(nodeIndex: int | None = None, numNodes: int | None = None) -> Tree:
    """``distlearn.Tree()``; ``ValueError`` where the processes were started with another index or number.

    Source: torch-ipc, whose scripts were told their index and the number of nodes.
    """
    tree = Tree()
    for name, given in (("nodeIndex", nodeIndex), ("numNodes", numNodes)):
        if given is not None and int(given) != getattr(tree, name):
            raise ValueError(f"{name} is {given}, but this process is {tree}: start it by mpirun")
    return tree


def _layout(value: Any) -> tuple[str, ...]:
    """The entries of a nested table in words."""
    found = list(tables.entries(value))
    for number, x in enumerate(found, 1):
        if not arrays.is_array(x) and not isinstance(x, int | float | np.number | np.bool_):
            raise TypeError(f"entry {number} must be a tensor or a number, got {arrays.describe(x)}")
    return tuple(tables.describe(x) if arrays.is_array(x) else "number" for x in found)
