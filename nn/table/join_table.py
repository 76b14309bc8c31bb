from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import joining, utils
from ..extension import register
from ..module import Module


@register
class JoinTable(Module):
    """Joins a table of tensors along a dimension; the gradient is split again.

    ``dimension`` is 1-based, from the end if negative; with ``nInputDims`` tensors of one dimension more are batches,
    and the dimension counts after the batch. All other sizes agree (``ValueError`` otherwise). Tensors of other types
    are converted to the module's, gradients to the tensors' own. Source: manual chapter "table".
    """

    def __init__(self, dimension: int, nInputDims: int | None = None) -> None:
        super().__init__()
        self.dimension = dimension
        self.nInputDims = nInputDims
        self.gradInput = []

    def updateOutput(self, input: Any) -> Any:
        table = self._tensors(input)
        axis = joining.counted_axis(self, table[0])
        self.output = self.resized(self.output, joining.joined_shape(self, table, axis), *table)
        xp = arrays.array_module(self.output)
        xp.concatenate(table, axis, out=self.output, casting="unsafe")
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        table = self._tensors(input)
        axis = joining.counted_axis(self, table[0])
        if not arrays.is_array(gradOutput):
            raise TypeError(f"nn.JoinTable: gradOutput must be a tensor, got {arrays.describe(gradOutput)}")
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        self.gradInput = utils.recursiveResizeAs(self.gradInput, table)[0]
        offset = 0
        for gradInput in self.gradInput:
            size = gradInput.shape[axis]
            gradInput[...] = joining.part(gradOutput, axis, offset, size)
            offset += size
        return self.gradInput

    def _tensors(self, input: Any) -> Any:
        table = utils.sequence(input, self)
        if not table or not all(map(arrays.is_array, table)):
            raise TypeError(f"nn.JoinTable: expecting a table of tensors, got {arrays.describe(input)}")
        return table
