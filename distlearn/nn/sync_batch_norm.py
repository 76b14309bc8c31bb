"""``SyncBatchNorm``: batch normalisation whose batch is that of all nodes."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

import nn
from nn import thnn
from torch7 import arrays, registry

from ..statistics import moments, sums
from ..tree import Tree
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
        size = prod(x.shape[2:])
        self._count, mean, squares = moments(self.tree, len(x) * size, *self._own(x, output, size))
        self._alone = self._count <= size
        if self._alone:
            return super()._normalize(x, output) if len(x) else None
        self._move(mean, squares / (self._count - 1))
        var = squares / self._count + self.eps
        inverse = np.divide(1, np.sqrt(var), out=np.zeros_like(var), where=var != 0)
        self.save_mean, self.save_std = self._like(mean), self._like(inverse)
        self._affine(x, output, self._scale(), self.bias)
        return None

    def _own(self, x: Any, output: Any, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Mean and sum of squared differences of this node's samples; ``output`` is overwritten."""
        mean, var, *saved = arrays.array_module(x).zeros((4, x.shape[1]), x.dtype)
        if len(x):
            thnn.BatchNormalization_updateOutput(x, output, (None, None), (mean, var), tuple(saved), True, 1, self.eps)
        n = len(x) * size
        mean, var = (arrays.moved(s, np, np.dtype(np.float64)) for s in (mean, var))
        return mean, var * (n - 1) if n > 1 else np.zeros_like(var)

    def _move(self, mean: np.ndarray, var: np.ndarray) -> None:
        """Move the running statistics towards those of the batch."""
        for running, value in ((self.running_mean, mean), (self.running_var, var)):
            running *= 1 - self.momentum
            running += self._like(self.momentum * value)

    def _differentiate(self, x: Any, gradOutput: Any, gradInput: Any, gradients: tuple, scale: float) -> None:
        if not self._spread() or (self._alone and len(x)):
            return super()._differentiate(x, gradOutput, gradInput, gradients, scale)
        if self._alone:
            return None
        dot, total = self._sums(x, gradOutput)
        for gradient, own in zip(gradients, (dot, total)):
            if gradient is not None:
                gradient += scale * own
        if gradInput is not None:
            self._gradInput(x, gradOutput, gradInput, dot, total)
        return None

    def _sums(self, x: Any, gradOutput: Any) -> tuple[Any, Any]:
        """The sums of ``(x - mean) / deviation * gradOutput`` and of ``gradOutput`` over this node's samples."""
        sums = arrays.array_module(x).zeros((2, x.shape[1]), x.dtype)
        if len(x):
            state = (self.running_mean, self.running_var), (self.save_mean, self.save_std)
            thnn.BatchNormalization_backward(x, gradOutput, None, (None, *sums), state, True, 1, self.eps)
        return tuple(sums)

    def _gradInput(self, x: Any, gradOutput: Any, gradInput: Any, dot: Any, total: Any) -> None:
        """``gradInput = (gradOutput - mean of it - normalised x * mean of their product) * weight / deviation``"""
        own = np.stack([arrays.moved(s, np, np.dtype(np.float64)) for s in (dot, total)])
        dot, total = (self._like(s) for s in sums(self.tree, own) / self._count)
        scale = self._scale()
        self._scratch = self.resized(vars(self).get("_scratch"), x.shape)
        self._affine(x, self._scratch, scale * self.save_std * dot, scale * total)
        if len(x):
            state = self._unit(), (self.save_mean, self.save_std)
            thnn.BatchNormalization_backward(x, gradOutput, gradInput, (scale, None, None), state, False, 1, 0)
        gradInput -= self._scratch.reshape(gradInput.shape)

    def _affine(self, x: Any, output: Any, scale: Any, shift: Any) -> None:
        """``output = (x - save_mean) * scale + shift``"""
        if len(x):
            saved = self.save_mean, self.save_std
            thnn.BatchNormalization_updateOutput(x, output, (scale, shift), self._unit(), saved, False, 0, 0)

    def _scale(self) -> Any:
        """``weight / deviation``"""
        return self.save_std if self.weight is None else self.save_std * self.weight

    def _unit(self) -> tuple[Any, Any]:
        """Statistics that only subtract the mean."""
        return self.save_mean, arrays.array_module(self.save_mean).ones_like(self.save_mean)

    def _like(self, numbers: np.ndarray) -> Any:
        """Float64 numbers as a tensor of the module's type."""
        return arrays.moved(numbers, arrays.array_module(self.running_mean), self._dtype)

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
