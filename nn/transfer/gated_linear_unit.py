from __future__ import annotations

from math import prod
from typing import Any

from torch7 import arrays

from .. import thnn
from ..extension import register
from ..module import Module


@register
class GatedLinearUnit(Module):
    """One half of the input gated by the other: with ``x = (a, b)`` along dimension ``dim``, ``y = a sigmoid(b)``.

    Input of any shape with an even size in dimension ``dim``, the last by default; the output is half as large there.
    ``ValueError`` for an odd size, ``IndexError`` for a dimension that is not there. Source: manual chapter "transfer";
    Dauphin, Fan, Auli and Grangier 2016.
    """

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim

    def updateOutput(self, input: Any) -> Any:
        outer, inner, shape = self.split(input)
        output = self.resizeOutput(input, shape)
        x = thnn.contiguous(input).reshape(outer, 2, inner)
        thnn.GatedLinear_updateOutput(x, output.reshape(outer, inner))
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        outer, inner, shape = self.split(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        if gradOutput.size != outer * inner:
            raise ValueError(f"{self}: gradOutput is {arrays.describe(gradOutput)}, an output has the sizes {shape}")
        x = thnn.contiguous(input).reshape(outer, 2, inner)
        g = thnn.contiguous(gradOutput).reshape(outer, inner)
        thnn.GatedLinear_updateGradInput(x, g, gradInput.reshape(outer, 2, inner))
        return gradInput

    def split(self, input: Any) -> tuple[int, int, tuple]:
        """How many pairs of halves ``input`` consists of, how large a half is, and the shape of the output."""
        if not arrays.is_array(input):
            self.checkType(input)
        dim = input.ndim if self.dim is None else self.dim
        if not 1 <= dim <= input.ndim:
            raise IndexError(f"{self}: dimension {dim} of {arrays.describe(input)}")
        size = input.shape[dim - 1]
        if size % 2:
            raise ValueError(f"{self}: dimension {dim} needs an even size, input is {arrays.describe(input)}")
        before, behind = input.shape[: dim - 1], input.shape[dim:]
        return prod(before), size // 2 * prod(behind), (*before, size // 2, *behind)
