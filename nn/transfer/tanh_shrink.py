from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from ..extension import register
from ..module import Module
from .tanh import Tanh


@register
class TanhShrink(Module):
    """What the hyperbolic tangent leaves: ``y = x - tanh(x)``, ``dy/dx = tanh(x)^2``.

    Input of any shape; output of the same shape. The field ``tanh`` is the Tanh module. ``TypeError`` for a tensor of
    another type, ``ValueError`` for a gradOutput of another size. Source: manual chapter "transfer".
    """

    def __init__(self) -> None:
        super().__init__()
        self.tanh = Tanh()

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        arrays.array_module(input).subtract(input, self.tanh.updateOutput(input), out=output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, gradInput)
        slope = self.tanh.updateGradInput(input, gradOutput)
        arrays.array_module(input).subtract(gradOutput, slope, out=gradInput)
        return gradInput

    def clearState(self) -> Self:
        self.tanh.clearState()
        return super().clearState()
