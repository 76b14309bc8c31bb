from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from ..module import Module


@register
class Sigmoid(Module):
    """The logistic function of every element: ``y = 1 / (1 + exp(-x))``, ``dy/dx = y (1 - y)``.

    Input of any shape; output of the same shape. ``TypeError`` for a tensor of another type, ``ValueError`` for a
    gradOutput of another size. Source: manual chapter "transfer".
    """

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        thnn.Sigmoid_updateOutput(thnn.contiguous(input), output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        output = self.output
        gradInput = self.resizeGradInput(output, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, output)
        thnn.Sigmoid_updateGradInput(thnn.contiguous(output), thnn.contiguous(gradOutput), gradInput)
        return gradInput
