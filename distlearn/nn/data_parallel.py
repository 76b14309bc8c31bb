"""``DistributedDataParallel``: a network whose gradients are the means over the nodes when backward returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import nn
from torch7 import registry

from ..all_reduce_sgd import AllReduceSGD
from ..tree import Tree
from .on_tree import OnTree


class DistributedDataParallel(OnTree, nn.Decorator):
    """``module`` on every node, each with samples of its own; gradients travel while backward runs.

    After ``backward`` and ``accGradParameters`` the parameters' gradients are the means over the nodes; ``output`` and
    ``gradInput`` are this node's. The parameters become those of the first node. Inside ``with model.no_sync():``
    backward only adds to this node's gradients; the next one outside sends the sum.

    ``tree``: the nodes. ``compression``, ``bucketSize``: as in :class:`distlearn.AllReduceSGD`. A file holds no tree.
    """

    _transient = ("_sgd",)

    def __init__(
        self, module: nn.Module, tree: Tree, compression: str | None = None, bucketSize: int | None = None
    ) -> None:
        super().__init__(module)
        self.tree, self.compression, self.bucketSize = tree, compression, bucketSize
        self.sync = True
        self.synchronizeParameters()

    def backward(self, input: Any, gradOutput: Any, scale: float | None = None) -> Any:
        self.gradInput = self._summed(self.modules[0].backward, input, gradOutput, scale)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._summed(self.modules[0].accGradParameters, input, gradOutput, scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.sharedAccUpdateGradParameters(input, gradOutput, lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.zeroGradParameters()
        self.accGradParameters(input, gradOutput, 1)
        self.updateParameters(lr)

    def synchronizeParameters(self) -> None:
        """Give all nodes the parameters of the one with the most steps; needed where nodes take different numbers."""
        if self.tree is not None:
            self._engine().synchronizeParameters(self.parameters()[0])

    @contextmanager
    def no_sync(self) -> Iterator[None]:
        """Backward passes inside add up on this node."""
        before, self.sync = self.sync, False
        try:
            yield
        finally:
            self.sync = before

    def _summed(self, method: Callable, input: Any, gradOutput: Any, scale: float | None) -> Any:
        scale = 1 if scale is None else scale
        if self.tree is None or not self.sync:
            return method(input, gradOutput, scale)
        engine, grads = self._engine(), self.parameters()[1]
        with engine.overlap(self.modules[0], grads):
            result = method(input, gradOutput, scale)
        engine.sumAndNormalizeGradients(grads)
        return result

    def _engine(self) -> AllReduceSGD:
        if vars(self).get("_sgd") is None:
            self._sgd = AllReduceSGD(self.tree, self.compression, self.bucketSize)
        return self._sgd


registry.register("distlearn.DistributedDataParallel", DistributedDataParallel)
