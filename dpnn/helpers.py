"""Small methods of Module, Container and Criterion."""

from __future__ import annotations

import math
from typing import Any

import nn
import torch7 as torch
from torch7 import arrays

from .graph import children


@nn.extends(nn.Module)
def checkParameters(self: nn.Module) -> None:
    """Raise ``ValueError`` if a parameter holds a NaN."""
    for i, param in enumerate(self.parameters()[0], 1):
        if math.isnan(param.sum()):
            raise ValueError(f"NaN Error for param at index{i}")


def no_backward(*args: Any) -> None:
    """Takes the place of the methods that :func:`dontBackward` switches off."""


@nn.extends(nn.Module)
def dontBackward(self: nn.Module) -> nn.Module:
    """Switch off every part of the backward pass of this module, which then returns None; returns the module."""
    self.backward = self.updateGradInput = no_backward
    self.accGradParameters = self.accUpdateGradParameters = no_backward
    return self


@nn.extends(nn.Module)
def contiguousInput(self: nn.Module, input: Any, backward: bool | None = None) -> Any:
    """``input`` if it is contiguous, else a copy of it, kept in ``dpnn_cinput`` from forward to ``backward``."""
    if input.flags.c_contiguous:
        return input
    buffer = getattr(self, "dpnn_cinput", None)
    if not backward or buffer is None:
        self.dpnn_cinput = buffer = arrays.resized(buffer, input.shape, input)
        buffer[...] = input
    return buffer


@nn.extends(nn.Module)
def toBatch(self: Any, tensor: Any, nDim: int, batchDim: int | None = None) -> Any:
    """``tensor``; if it has ``nDim`` dimensions, that is one sample, with a size-1 dimension at ``batchDim`` (1).

    ``dpnn_online`` remembers for :func:`fromBatch` which of the two it was.
    """
    self.dpnn_online = tensor.ndim == nDim
    return nn.utils.addSingletonDimension(tensor, 1 if batchDim is None else batchDim) if self.dpnn_online else tensor


@nn.extends(nn.Module)
def fromBatch(self: Any, tensor: Any, batchDim: int) -> Any:
    """The inverse of :func:`toBatch` for its last call: ``tensor`` without the size-1 dimension ``batchDim``."""
    if not self.dpnn_online:
        return tensor
    if tensor.shape[batchDim - 1] != 1:
        raise ValueError(f"expecting one sample along dimension {batchDim}, got {arrays.describe(tensor)}")
    return tensor.reshape(tensor.shape[: batchDim - 1] + tensor.shape[batchDim:])


nn.extends(nn.Criterion)(toBatch)
nn.extends(nn.Criterion)(fromBatch)


@nn.extends(nn.Module)
def outside(self: nn.Module, insize: Any) -> tuple[int, ...]:
    """The size of the output for an input of size ``insize`` (a number or sizes); forwards random numbers."""
    sizes = (insize,) if isinstance(insize, int) else nn.utils.sizes_of(insize)
    return self.forward(arrays.cast(torch.randn(*sizes), self.type())).shape


@nn.extends(nn.Module)
def accept(self: nn.Module, visitor: Any) -> None:
    """Call ``visitor.visit(self)``."""
    visitor.visit(self)


@nn.extends(nn.Module)
def reinforce(self: nn.Module, reward: Any) -> None:
    """Hand ``reward``, a number for each sample, to every Reinforce module below; their next backward uses it."""
    for module in children(self):
        module.reinforce(reward)


@nn.extends(nn.Module)
def sparseParameters(self: nn.Module) -> tuple[list, ...]:
    """The same as ``parameters()``."""
    return self.parameters()


@nn.extends(nn.Container)
def sparseParameters(self: nn.Container) -> tuple[list, list, list, list]:  # noqa: F811
    """Parameters, gradients, scales and sizes of all modules; the last two stay empty where modules have none."""
    whole: tuple[list, list, list, list] = [], [], [], []
    for module in self.modules:
        for collected, part in zip(whole, module.sparseParameters()):
            collected += part
    return whole


@nn.extends(nn.Container)
def extend(self: nn.Container, *modules: nn.Module) -> nn.Container:
    """Add several modules; returns the container."""
    for module in modules:
        self.add(module)
    return self
