from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from ..constructors import number
from ..extension import register
from ..module import Module


@register
class Squeeze(Module):
    """Leaves out dimensions of size 1: all of them, or the 1-based ``dim`` alone (if its size is 1).

    With ``numInputDims`` an input of one dimension more is a batch: ``dim`` counts after the batch dimension, which
    stays. An input of one element gives a tensor of one element. ``output`` looks at the memory of a contiguous input.
    ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput of another size. Source: manual chapter
    "simple".
    """

    dim: int | None = None
    numInputDims: int | None = None

    def __init__(self, dim: int | None = None, numInputDims: int | None = None) -> None:
        super().__init__()
        self.dim = dim
        self.setNumInputDims(numInputDims)

    def setNumInputDims(self, numInputDims: int | None) -> Self:
        """How many dimensions an input has that is no batch; returns the module."""
        self.numInputDims = number(numInputDims)
        return self

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        self.output = input.reshape(self._shape(input))
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(gradOutput, "gradOutput")
        self.gradInput = self.gradOutputAs(gradOutput, input)
        return self.gradInput

    def _shape(self, input: Any) -> tuple[int, ...]:
        batched = self.numInputDims is not None and input.ndim == self.numInputDims + 1
        if self.dim is not None:
            axis = self.dim - 1 + batched
            if not 0 <= axis < input.ndim:
                raise ValueError(f"nn.Squeeze: no dimension {axis + 1} in {arrays.describe(input)}")
            shape = input.shape[:axis] + input.shape[axis + 1 :] if input.shape[axis] == 1 else input.shape
        else:
            shape = tuple(n for n in input.shape[batched:] if n != 1)
            shape = (input.shape[0], *shape) if batched else shape
        return shape or (1,)
