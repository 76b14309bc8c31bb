from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from ..constructors import number
from ..extension import register
from ..module import Module


@register
class Transpose(Module):
    """Swaps pairs of dimensions, one pair after the other: ``Transpose([1, 2], [2, 3])``, dimensions 1-based.

    With ``setNumInputDims(n)`` dimensions count within the last n, so that larger inputs are batches. ``output`` is a
    copy. ``ValueError`` for dimensions that the input has not, ``TypeError`` for another type. Source: manual chapter
    "simple".
    """

    numInputDims: int | None = None

    def __init__(self, *permutations: list[int]) -> None:
        super().__init__()
        self.permutations = [list(pair) for pair in permutations]

    def setNumInputDims(self, numInputDims: int | None) -> Self:
        """How many dimensions an input has that is no batch; returns the module."""
        self.numInputDims = number(numInputDims)
        return self

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        swapped = self._swapped(input, self.permutations)
        self.output = self.resized(self.output, swapped.shape, input)
        self.output[...] = swapped
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        gradInput[...] = self._swapped(gradOutput, reversed(self.permutations))
        return gradInput

    def _swapped(self, x: Any, permutations: Any) -> Any:
        """A view of ``x`` with the dimensions swapped."""
        first = 0 if self.numInputDims is None else x.ndim - self.numInputDims
        for a, b in permutations:
            if not (0 < a + first <= x.ndim and 0 < b + first <= x.ndim):
                raise ValueError(f"nn.Transpose: cannot swap dimensions {a} and {b} of {arrays.describe(x)}")
            x = x.swapaxes(a + first - 1, b + first - 1)
        return x
