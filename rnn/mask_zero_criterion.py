from __future__ import annotations

from typing import Any

import nn
from nn import utils
from nn.criterion_base import a_criterion
from torch7 import arrays

from .mask_zero import first_tensor, zero_samples
from .trim_zero import picked, spread


@nn.register
class MaskZeroCriterion(nn.Criterion):
    """A criterion that leaves out the samples of a batch whose input is zero: steps that only pad a sequence.

    ``nInputDim``: the number of dimensions of one sample of the input (of the first tensor of a table). Samples all of
    whose elements are 0 are taken out of input and target before ``criterion`` sees them, so that averages are over the
    others; their gradient is zero. Without any other sample the loss is 0. ``zeroMask`` holds the 1-based samples
    that are kept. ``ValueError`` for a single sample without a batch. Source: manual of rnn.
    """

    def __init__(self, criterion: nn.Criterion, nInputDim: int) -> None:
        super().__init__()
        if not isinstance(nInputDim, int):
            raise TypeError(f"MaskZeroCriterion: expecting a number of dimensions, got {arrays.describe(nInputDim)}")
        self.criterion = a_criterion(self, criterion)
        self.nInputDim = nInputDim

    def updateOutput(self, input: Any, target: Any) -> float:
        rows = self._rows(input)
        self.output = self.criterion.forward(picked(input, rows), self._targets(target, rows)) if rows.size else 0.0
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        rows = self._rows(input)
        self.gradInput = utils.recursiveFill(utils.recursiveResizeAs(self.gradInput, input)[0], 0)
        if rows.size:
            gradient = self.criterion.backward(picked(input, rows), self._targets(target, rows))
            utils.recursiveCopy(self.gradInput, spread(gradient, rows, len(first_tensor(input))))
        return self.gradInput

    def _rows(self, input: Any) -> Any:
        """The samples that are kept."""
        first = first_tensor(input)
        if not arrays.is_array(first):
            raise TypeError(f"MaskZeroCriterion: input must be tensors, got {arrays.describe(input)}")
        if first.ndim != self.nInputDim + 1:
            raise ValueError(
                f"MaskZeroCriterion does not support online (i.e. non-batch) mode: samples have {self.nInputDim} "
                f"dimensions, input is {arrays.describe(first)}"
            )
        rows = arrays.array_module(first).flatnonzero(~zero_samples(first, self.nInputDim))
        self.zeroMask = rows + 1
        return rows

    @staticmethod
    def _targets(target: Any, rows: Any) -> Any:
        tensor = first_tensor(target)
        if not arrays.is_array(tensor) or len(tensor) <= rows.max():
            raise ValueError(
                f"MaskZeroCriterion: target must have an entry for every sample: {arrays.describe(target)}"
            )
        return picked(target, rows)
