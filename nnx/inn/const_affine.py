from __future__ import annotations

from typing import Any

from nn.numbers import Real
from nn.transfer.elementwise import Elementwise
from nnx.named import named
from torch7 import arrays, registry

SLOPE = Real("a", "b")


@named("inn.ConstAffine")
class ConstAffine(Elementwise):
    """A line that is not learned: ``y = a x + b``.

    Input of any shape; output of the same shape. ``inplace`` overwrites the input and gradOutput. Source: inn.
    """

    def __init__(self, a: float, b: float | None = None, inplace: bool | None = None) -> None:
        super().__init__()
        self.a, self.b = a, 0 if b is None else b
        self.setInplace(inplace)

    def updateOutput(self, input: Any) -> Any:
        a, b = SLOPE(self)
        output = self.outputFor(input)
        arrays.array_module(input).multiply(input, a, out=output)
        output += b
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.inplace:
            self.checkType(gradOutput, "gradOutput")
            self.gradInput = gradOutput
        gradInput = gradOutput if self.inplace else self.resizeGradInput(input, gradOutput)
        a, _ = SLOPE(self)
        return arrays.array_module(input).multiply(self.gradOutputAs(gradOutput, gradInput), a, out=gradInput)


registry.lacking(ConstAffine, a=1, b=0, inplace=False)
