from __future__ import annotations

import warnings
from typing import Any, Self

import nn
from nn import utils
from torch7 import arrays, registry


@nn.register
class MaskZero(nn.Decorator):
    """Zeroes the rows of its module's output for which the input is zero: steps that only pad a sequence.

    ``nInputDim``: the number of dimensions of one sample of the input (of the first tensor of a table); an input with
    one more is a batch. A sample whose elements are all 0 gives zeros in every tensor of the output, and its gradOutput
    counts as zeros in ``updateGradInput``. As in Lua ``accGradParameters`` gets gradOutput whole: put a module whose
    own parameters should not see it into a Sequential with another one after it.
    ``silent``: no warning about recurrent modules, which have a method ``maskZero`` of their own.

    ``ValueError`` for an input of another number of dimensions. Source: manual of rnn.
    """

    _transient = ("_mask",)
    _mask: Any = None

    def __init__(self, module: nn.Module, nInputDim: int, silent: bool | None = None) -> None:
        name = registry.class_name(type(self))
        if not isinstance(nInputDim, int):
            raise TypeError(f"{name}: expecting the number of dimensions of a sample, got {arrays.describe(nInputDim)}")
        super().__init__(module)
        if isinstance(module, nn.AbstractRecurrent) and not silent:
            warnings.warn(f"{name}: use the method maskZero() or trimZero() of recurrent modules", stacklevel=3)
        self.nInputDim = nInputDim

    def updateOutput(self, input: Any) -> Any:
        mask = self.maskOf(input)
        output = self.modules[0].updateOutput(input)
        self.output = utils.recursiveCopy(self.output, output)[0]
        zero_rows(self.output, mask)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradOutput = utils.recursiveCopy(vars(self).get("gradOutput"), gradOutput)[0]
        zero_rows(self.gradOutput, self.maskOf(input))
        self.gradInput = self.modules[0].updateGradInput(input, self.gradOutput)
        return self.gradInput

    def maskOf(self, input: Any) -> Any:
        """For each sample of a batch whether it is zero; for a single sample an array of no dimensions."""
        first = first_tensor(input)
        name = registry.class_name(type(self))
        if not arrays.is_array(first):
            raise TypeError(f"{name}: input must be a tensor or a table of tensors, got {arrays.describe(input)}")
        if first.ndim not in (self.nInputDim, self.nInputDim + 1):
            raise ValueError(f"{name}: nInputDim error: {first.ndim}, {self.nInputDim}, input {arrays.describe(first)}")
        self._mask = zero_samples(first, self.nInputDim)
        return self._mask

    def clearState(self) -> Self:
        vars(self).pop("gradOutput", None)
        self._mask = None
        return super().clearState()


def first_tensor(table: Any) -> Any:
    """The first tensor of a nested table, depth first."""
    while utils.is_table(table) and len(table):
        table = utils.sequence(table)[0]
    return table


def zero_samples(x: Any, nInputDim: int) -> Any:
    """Which samples of ``x``, each of ``nInputDim`` dimensions, are zero."""
    return ~(x != 0).any(axis=tuple(range(x.ndim - nInputDim, x.ndim)))


def zero_rows(table: Any, mask: Any) -> None:
    """Set the masked samples of all tensors of a nested table to zero, in place."""
    if utils.is_table(table):
        for k in utils.keys(table):
            zero_rows(table[k], mask)
    elif mask.ndim and len(table) != len(mask):
        raise ValueError(f"{len(mask)} samples are masked, the tensor is {arrays.describe(table)}")
    else:
        table[mask] = 0
