from __future__ import annotations

from numbers import Real
from typing import Any

from torch7 import arrays

from ..extension import register
from .elementwise import Elementwise


@register
class AddConstant(Elementwise):
    """A constant added to every element: ``y = x + k``, ``dy/dx = 1``.

    ``k`` is a number, or a vector as long as the rows of the input, then a vector or matrix; other sizes raise
    ``ValueError``. Input of any shape; output of the same shape. ``inplace`` adds to the input itself; backward takes
    it off again and returns gradOutput. Source: manual chapter "transfer".
    """

    def __init__(self, k: Any, inplace: bool | None = None) -> None:
        super().__init__()
        if not isinstance(k, Real):
            if not arrays.is_array(k):
                raise TypeError(f"nn.AddConstant: number or tensor expected, got {arrays.describe(k)}")
            k = k.astype(self._dtype)
        self.constant_scalar: Any = k
        self.setInplace(inplace)

    def updateOutput(self, input: Any) -> Any:
        constant = self.constant(input)
        output = self.outputFor(input)
        return arrays.array_module(input).add(input, constant, out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.inplace:
            self.checkType(gradOutput, "gradOutput")
            self.gradOutputAs(gradOutput, input)
            input -= self.constant(input)
            self.gradInput = gradOutput
            return gradOutput
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput[...] = self.gradOutputAs(gradOutput, input)
        return gradInput

    def constant(self, input: Any) -> Any:
        """The constant as it is added to ``input``; ``ValueError`` where it does not fit."""
        k = self.constant_scalar
        if not arrays.is_array(input):
            self.checkType(input)
        if not arrays.is_array(k):
            return float(k)
        if k.ndim == 1 and input.ndim in (1, 2) and input.shape[-1] == k.size:
            return k
        raise ValueError(
            f"{self}: input is not scalar or doesn't match: "
            f"input is {arrays.describe(input)}, the constant {arrays.describe(k)}"
        )
