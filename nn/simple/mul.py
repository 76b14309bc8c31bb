from __future__ import annotations

from math import sqrt
from typing import Any, Self

from torch7 import arrays
from torch7.random import uniform

from .. import thnn
from ..extension import register
from ..module import Module


@register
class Mul(Module):
    """Multiplies by one learned number: ``output = weight[0] * input``, for an input of any shape.

    ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput of another size. Source: manual chapter
    "simple".
    """

    def __init__(self) -> None:
        super().__init__()
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = xp.empty(1, dtype), xp.zeros(1, dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight from U(-s, s): s = stdv * sqrt(3), or 1."""
        bound = stdv * sqrt(3) if stdv is not None else 1
        uniform(self.weight, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        return arrays.array_module(input).multiply(input, self.weight[0], out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, input)
        return arrays.array_module(input).multiply(gradOutput, self.weight[0], out=gradInput)

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self.checkType(gradOutput, "gradOutput")
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, input))
        self.gradWeight += (1 if scale is None else scale) * thnn.dot(thnn.contiguous(input), gradOutput)
