from __future__ import annotations

from collections.abc import Iterator
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

    ``hierarchy``: a dict of each parent's children, node numbers from 1; ``rootId`` (1). Rows of ``weight`` and
    ``bias`` belong to the nodes in ``childIds``; ``parentChildren[p - 1]`` says where those of a parent begin, from 1,
    and how many there are, ``childParent[c - 1]`` the parent of a node and its place. Leaves that are not in the tree
    raise ``IndexError``. Source: nnx; Morin and Bengio (2005).
    """

    _trained = ("weight", "bias")

    def __init__(self, inputSize: int, hierarchy: dict[int, Any], rootId: int | None = None) -> None:
        super().__init__()
        self.inputSize, self.rootId = inputSize, 1 if rootId is None else rootId
        children = {int(p): [int(c) for c in np.ravel(list_)] for p, list_ in hierarchy.items()}
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
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.weight.size)
        uniform(self.weight, -bound, bound)
        uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        x, target = self._pair(input)
        output = self.resizeOutput(x, (len(x),))
        output.fill(0)
        for rows, place, _, logp in self._decisions(x, target):
            output[rows] += logp[np.arange(len(rows)), place]
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        x, target = self._pair(input)
        held = self.gradInput if nn.utils.is_table(self.gradInput) and len(self.gradInput) == 2 else [None, None]
        self.gradInput = [self.resized(buffer, tensor.shape) for buffer, tensor in zip(held, input)]
        nn.utils.recursiveFill(self.gradInput, 0)
        for rows, weight, slope in self._slopes(x, target, gradOutput):
            part = np.empty((len(rows), x.shape[1]), x.dtype)
            thnn.Linear_updateGradInput(slope, part, thnn.contiguous(self.weight[weight]))
            self.gradInput[0][rows] += part
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        x, target = self._pair(input)
        self.checkFields(gradWeight=self.weight.shape, gradBias=self.weight.shape[:1])
        for rows, weight, slope in self._slopes(x, target, gradOutput):
            gradients = thnn.contiguous(self.gradWeight[weight]), thnn.contiguous(self.gradBias[weight])
            thnn.Linear_accGradParameters(x[rows], slope, *gradients, 1 if scale is None else scale)
            self.gradWeight[weight], self.gradBias[weight] = gradients

    def _decisions(self, x: Any, target: Any) -> Iterator[tuple]:
        """For every parent on a path: the samples, the places of their children, its rows of weight, log softmax."""
        node, rows = target.copy(), np.arange(len(target))
        while rows.size:
            parents, places = self.childParent[node[rows] - 1].T
            for p in np.unique(parents):
                here = parents == p
                start, count = map(int, self.parentChildren[p - 1])
                weight = slice(start - 1, start - 1 + count)
                scores = np.empty((int(here.sum()), count), x.dtype)
                matrix, bias = thnn.contiguous(self.weight[weight]), thnn.contiguous(self.bias[weight])
                thnn.Linear_updateOutput(x[rows[here]], scores, matrix, bias)
                scores -= scores.max(1, keepdims=True)
                scores -= np.log(np.exp(scores).sum(1, keepdims=True))
                yield rows[here], places[here] - 1, weight, scores
            node[rows] = parents
            rows = rows[parents != self.rootId]

    def _slopes(self, x: Any, target: Any, gradOutput: Any) -> Iterator[tuple]:
        """For every parent on a path: the samples, its rows of weight, the gradient by its scores."""
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, (len(x),))
        for rows, place, weight, logp in self._decisions(x, target):
            slope = -np.exp(logp) * g[rows, None]
            slope[np.arange(len(rows)), place] += g[rows]
            yield rows, weight, slope

    def _pair(self, input: Any) -> tuple[Any, Any]:
        table = nn.utils.sequence(input, self)
        if len(table) != 2:
            raise ValueError(f"{self}: input must be a table of x and targets, got {arrays.describe(list(table))}")
        x, target = table
        self.checkType(x)
        self.checkFields(bias=self.weight.shape[:1])
        if x.ndim != 2 or x.shape[1] != self.weight.shape[1] or getattr(target, "size", None) != len(x):
            raise ValueError(f"{self}: x must be N x {self.weight.shape[1]}, targets N: {arrays.describe([x, target])}")
        leaves = whole(self, target, "targets").reshape(-1)
        inside = (leaves >= 1) & (leaves <= len(self.childParent))
        if not inside.all() or (self.childParent[leaves - 1, 0] < 1).any():
            raise IndexError(f"{self}: the targets {leaves.min()}..{leaves.max()} are not all nodes of the tree")
        return thnn.contiguous(x), leaves


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
