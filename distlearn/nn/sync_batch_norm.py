"""``SyncBatchNorm``: batch normalisation whose batch is that of all nodes."""

from __future__ import annotations

from math import prod
from typing import Any

import nn
from torch7 import arrays, registry

from ..tree import Tree
from . import batch_statistics
from .on_tree import OnTree


class SyncBatchNorm(OnTree, nn.BatchNormalization):
    """Gives every feature mean 0 and deviation 1 over the samples of all nodes, then scale and shift.

    ``y = (x - mean) / sqrt(var + eps) * weight + bias``, what :class:`nn.BatchNormalization` computes on one node with
    the whole batch; so are ``gradInput`` and the running statistics, which are the same on all nodes. ``gradWeight``
    and ``gradBias`` are those of this node's samples, to be added up as all gradients are.

    Input and output: ``N x nOutput [x sizes]``; N may differ between the nodes, the sizes may not. ``nOutput``, ``eps``
    (1e-5), ``momentum`` (0.1), ``affine`` (True): as there. ``tree``: the nodes; without one, and in evaluation, every
    node is alone. A file holds no tree: set the field ``tree`` after loading. In training every forward pass and every
    gradient by the input waits for all nodes. Source: Ioffe, Szegedy, Batch normalization (2015).
    """

    _transient = ("_scratch",)

    def __init__(
        self,
        nOutput: int,
        eps: float | None = None,
        momentum: float | None = None,
        affine: bool | None = None,
        tree: Tree | None = None,
    ) -> None:
        super().__init__(nOutput, eps, momentum, affine)
        self.tree = tree

    def _batched(self, input: Any) -> Any:
        if arrays.is_array(input) and input.ndim > 1:
            self.nDim = input.ndim
        return super()._batched(input)

    def _checkElements(self, input: Any) -> None:
        if not self._spread():  # other nodes may have samples
            super()._checkElements(input)

    def _normalize(self, x: Any, output: Any) -> None:
        if not self._spread():
            return super()._normalize(x, output)
        found = batch_statistics.of_all(self.tree, x, output, self.eps)
        self._count, self._alone = found.count, found.count <= prod(x.shape[2:])
        if self._alone:
            return super()._normalize(x, output) if len(x) else None
        batch_statistics.move((self.running_mean, self.running_var), found, self.momentum)
        affine = self.weight, self.bias
        self.save_mean, self.save_std = batch_statistics.normalize(found, x, output, affine, self.eps)
        return None

    def _differentiate(self, x: Any, gradOutput: Any, gradInput: Any, gradients: tuple, scale: float) -> None:
        if not self._spread() or (self._alone and len(x)):
            return super()._differentiate(x, gradOutput, gradInput, gradients, scale)
        if self._alone:
            return None
        saved = self.save_mean, self.save_std
        own = batch_statistics.products(x, gradOutput, saved, self.eps)
        for gradient, sum in zip(gradients, own):
            if gradient is not None:
                gradient += scale * sum
        if gradInput is not None:
            self._scratch = self.resized(vars(self).get("_scratch"), x.shape)
            arguments = self.weight, saved, own, self._count, self._scratch
            batch_statistics.differentiate(self.tree, x, gradOutput, gradInput, *arguments)
        return None

    def _spread(self) -> bool:
        return bool(self.train) and self.tree is not None and self.tree.numNodes > 1


registry.register("distlearn.SyncBatchNorm", SyncBatchNorm)
CONVERTED = (nn.BatchNormalization, nn.SpatialBatchNormalization, nn.VolumetricBatchNormalization)


def convertSyncBatchNorm(module: nn.Module, tree: Tree) -> nn.Module:
    """``module`` with every batch normalisation of nn in it replaced by one over ``tree``, on the same tensors."""

    def converted(old: nn.Module) -> nn.Module:
        if type(old) not in CONVERTED:
            return old
        new = SyncBatchNorm.__new__(SyncBatchNorm)
        vars(new).update(vars(old))
        new.tree = tree
        return new

    return module.replace(converted)
