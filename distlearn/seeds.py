"""Random streams of the nodes."""

from __future__ import annotations

import torch7

from .tree import Tree

#: Between the seeds of two nodes: dataload's worker i of a node has the node's seed + i.
DISTANCE = 1 << 16


def manualSeed(tree: Tree, seed: int) -> int:
    """Start Torch's stream on every node, each with a seed of its own: ``seed + 65536 rank``; returns it.

    The first node draws what one process with ``torch.manualSeed(seed)`` draws.
    """
    own = int(seed) + DISTANCE * tree.rank
    torch7.manualSeed(own)
    return own
