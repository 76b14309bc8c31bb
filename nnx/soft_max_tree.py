from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

import nn
from nn import thnn
from nn.whole import whole
from torch7 import arrays, registry
from torch7.random import uniform


@nn.register
class SoftMaxTree(nn.Module):
    """The log-probability of a leaf of a tree, a softmax at every node on its path.

    ``y[n] = sum over the path of log softmax(W_p x[n] + b_p)[child]``, p the parent of each node on the path from leaf
    ``target[n]`` to the root. Input ``{x, target}``: ``N x inputSize`` and N leaves; output N numbers. The gradient by
    the target is zero.

    ``hierarchy``: a dict of each parent's children, node numbers from 1, or a list of those of the first nodes;
    ``rootId`` (1). Rows of ``weight`` and ``bias`` belong to the nodes in ``childIds``; ``parentChildren[p - 1]`` says
    where those of a parent begin, from 1, and how many there are, ``childParent[c - 1]`` the parent of a node and its
    place. Leaves that are not in the tree raise ``IndexError``. Source: nnx; Morin and Bengio (2005).
    """

    _trained = ("weight", "bias")
    _transient = ("_logp",)

    def __init__(self, inputSize: int, hierarchy: Any, rootId: int | None = None) -> None:
        super().__init__()
        self.inputSize, self.rootId = inputSize, 1 if rootId is None else rootId
        children = {int(p): [int(c) for c in np.ravel(list_)] for p, list_ in nodes(hierarchy)}
        if self.rootId not in children or min(min(c) for c in children.values()) < 1:
            raise ValueError(f"nn.SoftMaxTree: nodes count from 1 and {self.rootId}, the root, has children")
        self.parentIds = np.array(sorted(children), np.int32)
        self.childIds = np.array([c for p in self.parentIds for c in children[int(p)]], np.int32)
        self.nChildNode, self.nParentNode = len(self.childIds), len(children)
        self.parentChildren = np.full((max(children), 2), -1, np.int32)
        self.childParent = np.full((int(self.childIds.max()), 2), -1, np.int32)
        start = 1
        for p in map(int, self.parentIds):
            self.parentChildren[p - 1] = start, len(children[p])
            self.childParent[np.array(children[p]) - 1] = [(p, k) for k in range(1, len(children[p]) + 1)]
            start += len(children[p])
        xp, size = arrays.module_of(self._type), (self.nChildNode, inputSize)
        self.weight, self.gradWeight = xp.empty(size, self._dtype), xp.zeros(size, self._dtype)
        self.bias, self.gradBias = xp.empty(size[0], self._dtype), xp.zeros(size[0], self._dtype)
        self.gradInput: Any = [arrays.empty(self._type), arrays.empty(self._type)]
        self.reset()

    def reset(self, stdv: float | None = None) -> SoftMaxTree:
        """Draw weight, then bias, from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(number of nodes * inputSize)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.weight.size or 1)
        uniform(self.weight, -bound, bound)
        uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        x, target = self._pair(input)
        path, width = self._paths(target)
        output = self.resizeOutput(x, (len(x),))
        self._logp = self.resized(vars(self).get("_logp"), (len(x), width))
        weight, bias = thnn.contiguous(self.weight), thnn.contiguous(self.bias)
        thnn.SoftMaxTree_updateOutput(x, weight, bias, path, self._logp, output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        _, g, path = self._kept(input, gradOutput)
        held = self.gradInput if nn.utils.is_table(self.gradInput) and len(self.gradInput) == 2 else [None, None]
        self.gradInput = [self.resized(buffer, tensor.shape) for buffer, tensor in zip(held, input)]
        nn.utils.recursiveFill(self.gradInput, 0)
        weight = thnn.contiguous(self.weight)
        thnn.SoftMaxTree_updateGradInput(weight, path, self._logp, g, self.gradInput[0])
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        x, g, path = self._kept(input, gradOutput)
        self.checkFields(gradWeight=self.weight.shape, gradBias=self.weight.shape[:1])
        gradients = thnn.contiguous(self.gradWeight), thnn.contiguous(self.gradBias)
        thnn.SoftMaxTree_accGradParameters(x, path, self._logp, g, *gradients, 1 if scale is None else scale)
        for held, gradient in zip((self.gradWeight, self.gradBias), gradients):
            if held is not gradient:
                held[...] = gradient

    def _kept(self, input: Any, gradOutput: Any) -> tuple[Any, Any, Any]:
        """The input, gradOutput and the paths; ``ValueError`` where forward ran with another one."""
        x, target = self._pair(input)
        self.checkType(gradOutput, "gradOutput")
        path, width = self._paths(target)
        logp = vars(self).get("_logp")
        if logp is None or self.resized(logp, (len(x), width)) is not logp:
            raise ValueError(f"{self}: call forward before backward, with the same input")
        return x, thnn.contiguous(self.gradOutputAs(gradOutput, (len(x),))), path

    def _paths(self, leaves: Any) -> tuple[Any, int]:
        """The parents on each leaf's path, ``N x P x 3``: the first row of their children, from 0, how many they are, 0
        behind the end, and the place of the child; and a bound for the sum of their numbers.
        """
        parents, children = (self._table(name) for name in ("childParent", "parentChildren"))
        leaves = arrays.here(leaves)
        node, alive, steps = leaves, np.ones(len(leaves), bool), []
        while alive.any():
            if len(steps) > len(children) or not _inside(node[alive], parents):
                raise IndexError(f"{self}: the targets {leaves.min()}..{leaves.max()} are not all nodes of the tree")
            above, place = parents[np.where(alive, node, leaves) - 1].T
            if not _inside(above[alive], children):
                raise IndexError(f"{self}: node {above[alive].max()} has no children")
            first, count = children[np.where(alive, above, self.rootId) - 1].T
            wrong = (first < 1) | (count < place) | (place < 1) | (first - 1 + count > len(self.weight))
            if wrong[alive].any():
                raise ValueError(f"{self}: weight is {arrays.describe(self.weight)}, too few rows for the tree")
            steps.append(np.stack([first - 1, count, place - 1], 1) * alive[:, None])
            alive, node = alive & (above != self.rootId), above
        path = np.ascontiguousarray(np.stack(steps, 1))
        width = int(path[:, :, 1].sum(1).max())
        return path, 1 << (width - 1).bit_length()  # buffers of few sizes

    def _table(self, name: str) -> Any:
        """A table of the tree as pairs of whole numbers."""
        table = getattr(self, name)
        if not arrays.is_array(table) or table.ndim != 2 or table.shape[1] != 2:
            raise ValueError(f"{self}: {name} must be nodes x 2, got {arrays.describe(table)}")
        return arrays.here(table).astype(np.int64)

    def _pair(self, input: Any) -> tuple[Any, Any]:
        table = nn.utils.sequence(input, self)
        if len(table) != 2:
            raise ValueError(f"{self}: input must be a table of x and targets, got {arrays.describe(list(table))}")
        x, target = table
        self.checkType(x)
        self.checkFields(bias=self.weight.shape[:1])
        if x.ndim != 2 or x.shape[1] != self.weight.shape[1] or not x.size or getattr(target, "size", None) != len(x):
            raise ValueError(f"{self}: x must be N x {self.weight.shape[1]}, targets N: {arrays.describe([x, target])}")
        leaves = whole(self, target, "targets").reshape(-1)
        return thnn.contiguous(x), leaves


def nodes(hierarchy: Any) -> Any:
    """Parents and their children."""
    return hierarchy.items() if isinstance(hierarchy, dict) else enumerate(hierarchy, 1)


def _inside(nodes: Any, table: Any) -> bool:
    """Whether a table has a row for every node."""
    return bool(((nodes >= 1) & (nodes <= len(table))).all() and (table[nodes - 1, 0] >= 1).all())


@nn.register
class TreeNLLCriterion(nn.Criterion):
    """The mean of the negative log-probabilities that a :class:`SoftMaxTree` gives: ``loss = -mean(input)``.

    Input: N numbers; a target is accepted and not used, the tree had it. Source: nnx.
    """

    def updateOutput(self, input: Any, target: Any = None) -> float:
        self.checkType(input)
        self.output = -float(input.mean()) if input.size else 0.0
        return self.output

    def updateGradInput(self, input: Any, target: Any = None) -> Any:
        self.checkType(input)
        gradInput = self.resizeGradInput(input, target)
        gradInput.fill(-1 / max(input.size, 1))
        return gradInput


@registry.upgrade(SoftMaxTree)
def _upgrade(module: SoftMaxTree, fields: dict) -> None:
    """Tables of nodes are whole numbers, whatever ``type`` made of them."""
    for name in ("childIds", "parentIds", "parentChildren", "childParent"):
        if arrays.is_array(fields.get(name)):
            fields[name] = fields[name].astype(np.int32)
