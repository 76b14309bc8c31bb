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
            self.output = joining.slices(input, axis)
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
        if input.ndim == 1:
            for i in range(input.size):
                self.gradInput[i] = gradOutput[i]
            return self.gradInput
        for part, g in zip(joining.slices(self.gradInput, axis), gradOutput):
            self.checkType(g, "gradOutput")
            part[...] = g if g.shape == part.shape else g.reshape(part.shape)
        return self.gradInput
