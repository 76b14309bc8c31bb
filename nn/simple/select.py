from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..extension import register
from ..joining import slice_of
from ..module import Module


@register
class Select(Module):
    """One position of one dimension, which is left out: ``s1 x s2 x s3`` becomes ``s1 x s3`` for ``Select(2, index)``.

    ``dimension`` and ``index`` are 1-based, from the end if negative; what the input does not have raises
    ``IndexError``. Source: manual chapter "simple".
    """

    def __init__(self, dimension: int, index: int) -> None:
        super().__init__()
        self.dimension, self.index = dimension, index

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        part = self._part(input)
        self.output = self.resized(self.output, part.shape, input)
        self.output[...] = part
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        part = self._part(gradInput)
        gradOutput = self.gradOutputAs(gradOutput, part)
        gradInput.fill(0)
        part[...] = gradOutput
        return gradInput

    def _part(self, x: Any) -> Any:
        """The view of ``x`` that is selected."""
        axis = self.dimension + x.ndim if self.dimension < 0 else self.dimension - 1
        if not 0 <= axis < x.ndim:
            raise IndexError(f"nn.Select: no dimension {self.dimension} in {arrays.describe(x)}")
        place = self.index + x.shape[axis] if self.index < 0 else self.index - 1
        if not 0 <= place < x.shape[axis]:
            raise IndexError(
                f"nn.Select: index {self.index} out of range in dimension {axis + 1} of {arrays.describe(x)}"
            )
        return slice_of(x, axis, slice(place, place + 1)).reshape(x.shape[:axis] + x.shape[axis + 1 :])
