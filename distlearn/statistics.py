"""Statistics of a batch that is spread over the nodes: what batch normalisation of many nodes stands on."""

from __future__ import annotations

import numpy as np

from . import reduction
from .rounds import Call
from .tree import Tree


def moments(tree: Tree, count: int, mean: np.ndarray, squares: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
    """Count, mean and sum of squared differences from it over all nodes' samples, from those of each node.

    ``count``: samples of each of the C features on this node, which may be 0; ``mean``, ``squares``: C numbers. The
    results are float64 and the same bits on all nodes. Source: Chan, Golub, LeVeque, Updating formulae (1979).
    """
    own = np.concatenate([[count], mean, squares]).astype(np.float64)
    tree.begin(Call("batch statistics", (f"{len(mean)} features",))).agree()
    parts = reduction.gathered(tree, own)
    counts, means, squares = parts[:, :1], parts[:, 1 : 1 + len(mean)], parts[:, 1 + len(mean) :]
    total = counts.sum()
    if not total:
        return 0, np.zeros(len(mean)), np.zeros(len(mean))
    held = counts > 0
    whole = np.where(held, means, 0).T @ counts[:, 0] / total
    differences = np.where(held, means - whole, 0)
    return int(total), whole, np.where(held, squares, 0).sum(0) + (counts * differences**2).sum(0)


def sums(tree: Tree, own: np.ndarray) -> np.ndarray:
    """``own``, numbers of any shape, added over the nodes, in float64."""
    total = np.array(own, np.float64)
    tree.begin(Call("batch sums", (f"{total.size} numbers",))).agree()
    reduction.add(tree, total.reshape(-1))
    return total
