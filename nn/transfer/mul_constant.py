from __future__ import annotations

from numbers import Real
from typing import Any

from torch7 import arrays

from ..extension import register
from .elementwise import Elementwise


@register
class MulConstant(Elementwise):
    """Every element times a number: ``y = k x``, ``dy/dx = k``.

    Input of any shape; output of the same shape. ``inplace`` multiplies the input itself; backward multiplies
    gradOutput and divides the input by k again. ``TypeError`` for a tensor of another type, ``ValueError`` for a
    gradOutput of another size. Source: manual chapter "transfer".
    """

    def __init__(self, k: float, inplace: bool | None = None) -> None:
        super().__init__()
        if not isinstance(k, Real):
            raise TypeError(f"nn.MulConstant: number expected, got {arrays.describe(k)}")
        self.constant_scalar: Any = k
        self.setInplace(inplace)

    def updateOutput(self, input: Any) -> Any:
        output = self.outputFor(input)
        return arrays.array_module(input).multiply(input, float(self.constant_scalar), out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        k = float(self.constant_scalar)
        if self.inplace:
            self.checkType(gradOutput, "gradOutput")
            self.gradOutputAs(gradOutput, input)
            gradOutput *= k
            input /= k
            self.gradInput = gradOutput
            return gradOutput
        gradInput = self.resizeGradInput(input, gradOutput)
        return arrays.array_module(input).multiply(self.gradOutputAs(gradOutput, input), k, out=gradInput)
