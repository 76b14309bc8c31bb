from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import joining, utils
from ..extension import register
from ..module import Module


@register
class SplitTable(Module):
    """Splits a tensor along a dimension into a table of its slices, which are views of the input.

    ``dimension`` is 1-based, from the end if negative; with ``nInputDims`` an input of one dimension more is a batch,
    and the dimension counts after the batch. A vector gives a table of numbers. The gradient is the stack of the
    gradients of the slices. A missing dimension raises ``ValueError``. Source: manual chapter "table".
    """

    def __init__(self, dimension: int, nInputDims: int | None = None) -> None:
        super().__init__()
        self.dimension = dimension
        self.nInputDims = nInputDims

    def updateOutput(self, input: Any) -> list:
        axis = joining.counted_axis(self, input)
        if input.ndim == 1:
            self.output = input.tolist()
        else:
            self.output = [joining.slice_of(input, axis, i) for i in range(input.shape[axis])]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        axis = joining.counted_axis(self, input)
        gradOutput = utils.sequence(gradOutput, self)
        if len(gradOutput) < input.shape[axis]:
            raise ValueError(
                f"nn.SplitTable: {len(gradOutput)} gradients for the {input.shape[axis]} slices of "
                f"{arrays.describe(input)}"
            )
        self.gradInput = self.resized(self.gradInput, input.shape, input, *gradOutput)
        for i in range(input.shape[axis]):
            part = joining.slice_of(self.gradInput, axis, i)
            if arrays.is_array(part):
                self.checkType(gradOutput[i], "gradOutput")
                part[...] = gradOutput[i].reshape(part.shape)
            else:
                self.gradInput[i] = gradOutput[i]
        return self.gradInput
