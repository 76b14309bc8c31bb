from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import joining, sums, utils
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
        sums.join(table, axis, self.output)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        table = self._tensors(input)
        axis = joining.counted_axis(self, table[0])
        if not arrays.is_array(gradOutput):
            raise TypeError(f"nn.JoinTable: gradOutput must be a tensor, got {arrays.describe(gradOutput)}")
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        self.gradInput = utils.recursiveResizeAs(self.gradInput, table)[0]
        sums.split(gradOutput, axis, self.gradInput)
        return self.gradInput

    def _tensors(self, input: Any) -> Any:
        table = utils.sequence(input, self)
        if not table or not all(map(arrays.is_array, table)):
            raise TypeError(f"nn.JoinTable: expecting a table of tensors, got {arrays.describe(input)}")
        return table
