from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from ..module import Module


@register
class Tanh(Module):
    """The hyperbolic tangent of every element: ``y = tanh(x)``, ``dy/dx = 1 - y^2``.

    Input of any shape; output of the same shape. ``TypeError`` for a tensor of another type, ``ValueError`` for a
    gradOutput of another size. Source: manual chapter "transfer".
    """

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        thnn.Tanh_updateOutput(thnn.contiguous(input), output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        output = self.output
        gradInput = self.resizeGradInput(output, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, output)
        thnn.Tanh_updateGradInput(thnn.contiguous(output), thnn.contiguous(gradOutput), gradInput)
        return gradInput
