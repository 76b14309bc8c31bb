from __future__ import annotations

from typing import Any, Self

from torch7 import arrays, registry

from ..extension import register
from ..module import Module


@register
class GradientReversal(Module):
    """Passes its input on and turns the gradient round: ``gradInput = -lambda * gradOutput``.

    What lies before it then maximises what is minimised behind it. ``lambda_`` is 1 by default. Input of any shape;
    ``output`` looks at the input's memory. ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput
    of another size. Source: manual chapter "simple".
    """

    def __init__(self, lambda_: float | None = None) -> None:
        super().__init__()
        self.lambda_ = 1 if lambda_ is None else lambda_

    def setLambda(self, lambda_: float) -> Self:
        """Change the factor; returns the module."""
        self.lambda_ = lambda_
        return self

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        self.output = input.view()
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, input)
        return arrays.array_module(input).multiply(gradOutput, -self.lambda_, out=gradInput)


@registry.upgrade(GradientReversal)
def _upgrade(module: GradientReversal, fields: dict) -> None:
    """Files before version 2 hold no factor."""
    fields.setdefault("lambda_", 1)
