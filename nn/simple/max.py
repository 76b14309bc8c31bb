from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from .. import thnn, utils
from ..extension import register
from ..joining import counted_axis
from ..module import Module


class Extremum(Module):
    """What Max and Min share: the extremum along one dimension, and its 1-based position in ``_indices``."""

    sign = 1

    nInputDims: int | None = None

    def __init__(self, dimension: int | None = None, nInputDims: int | None = None) -> None:
        super().__init__()
        self.dimension = 1 if dimension is None else dimension
        self.nInputDims = nInputDims

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        axis = counted_axis(self, input)
        if not input.shape[axis]:
            raise ValueError(f"{self}: dimension {axis + 1} of {arrays.describe(input)} is empty")
        output = self.resizeOutput(input, input.shape[:axis] + input.shape[axis + 1 :] or (1,))
        shape = (*input.shape[:axis], 1, *input.shape[axis + 1 :])
        indices = self.resizeIndices(shape, input, "_indices")
        thnn.Max_updateOutput(thnn.contiguous(input), output, indices, axis, self.sign)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, self.output))
        if not thnn.Max_updateGradInput(
            gradOutput, gradInput, thnn.contiguous(self._indices), counted_axis(self, input)
        ):
            raise ValueError(f"{self}: the last forward was of another input than {arrays.describe(input)}")
        return gradInput

    def clearState(self) -> Self:
        utils.clear(self, "_indices")
        return super().clearState()


@register
class Max(Extremum):
    """The maximum along one dimension, which is left out: ``s1 x s2 x s3`` becomes ``s1 x s3`` for ``Max(2)``.

    ``dimension`` is 1-based, 1 by default, from the end if negative; with ``nInputDims`` an input of one dimension more
    is a batch, and the dimension counts after the batch's. A vector gives one element. Of equal elements the first
    gets the gradient. A dimension that is not there raises ``ValueError``. Source: manual chapter "simple".
    """


@register
class Min(Extremum):
    """The minimum along one dimension: arguments, shapes and errors as :class:`Max`.

    Source: manual chapter "simple".
    """

    sign = -1
