"""Rounds: what all nodes do together, and the check that they do the same.

Every exchange begins with a sum of four whole numbers over all nodes. It counts who contributes, and it shows whether
all nodes called the same method with tensors of the same sizes and types: their signatures are equal exactly when
their variance is zero. An exchange that was agreed on before sends its tensors without waiting for the answer.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from . import mpi

#: Bits of a signature: the sum of the squares over 2 ** 15 nodes still fits into 64.
BITS = 24


class Disagreement(RuntimeError):
    """The nodes did not call the same method with tensors of the same sizes and types."""


@dataclass(frozen=True)
class Call:
    """What a node is about to do: the method's ``name``, its ``tensors`` in words, and ``settings`` that must agree."""

    name: str
    tensors: tuple[str, ...] = ()
    settings: str = ""

    @cached_property
    def signature(self) -> int:
        return zlib.crc32(repr(self).encode()) % 2**BITS


class Round:
    """A round that has begun. ``contributors`` and ``samples`` hold sums over the nodes once :meth:`agree` returned."""

    def __init__(self, nodes: Any, call: Call, contributes: bool, samples: int) -> None:
        self.nodes, self.call = nodes, call
        self._numbers = np.array([contributes, samples, call.signature, call.signature**2], np.int64)
        self._request = None
        if nodes.numNodes > 1:
            with mpi.LOCK:
                self._request = nodes.comm.Iallreduce(nodes.inPlace, self._numbers)

    @property
    def contributors(self) -> int:
        return int(self._numbers[0])

    @property
    def samples(self) -> int:
        return int(self._numbers[1])

    def agree(self) -> int:
        """Wait for the nodes; returns how many contribute, or raises :class:`Disagreement` on all of them."""
        if self._request is not None:
            mpi.wait(self._request)
            self._request = None
            _, _, total, squares = map(int, self._numbers)
            if self.nodes.numNodes * squares != total**2:
                self.nodes.disagree(self.call)
        return self.contributors


def difference(calls: list[Call]) -> str:
    """How the calls of the nodes differ, in a sentence."""
    groups: dict[Call, list[int]] = {}
    for node, call in enumerate(calls, 1):
        groups.setdefault(call, []).append(node)
    for words in (lambda call: call.name, lambda call: f"{call.name} ({call.settings})"):
        if len({words(call) for call in groups}) > 1:
            parts = (f"{_nodes(nodes)}: {words(call)}" for call, nodes in groups.items())
            return "the nodes did different things: " + "; ".join(parts)
    return f"{calls[0].name}: " + _tensors({call.tensors: nodes for call, nodes in groups.items()})


def _tensors(groups: dict[tuple, list[int]]) -> str:
    counts = {len(tensors) for tensors in groups}
    if len(counts) > 1:
        return "; ".join(f"{_nodes(nodes)}: {len(tensors)} tensors" for tensors, nodes in groups.items())
    number = next(i for i, column in enumerate(zip(*groups)) if len(set(column)) > 1)
    parts = "; ".join(f"{_nodes(nodes)}: {tensors[number]}" for tensors, nodes in groups.items())
    return f"tensor {number + 1} differs: {parts}"


def _nodes(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:4])) + (" ..." if len(numbers) > 4 else "")
    return f"node {shown}" if len(numbers) == 1 else f"nodes {shown}"
