from __future__ import annotations

from typing import Any

from .. import thnn
from ..criterion_base import Criterion
from ..extension import register


@register
class L1Cost(Criterion):
    """The sum of absolute values: ``loss = sum |x_i|``, with derivative ``sign(x_i)``, 0 at 0.

    Input of any shape; the target is not looked at. ``TypeError`` for another type. Source: the class of the same name
    in Torch's nn.
    """

    def updateOutput(self, input: Any, target: Any = None) -> float:
        self.checkType(input)
        self.output = loss = thnn.L1Cost_updateOutput(thnn.contiguous(input))
        return loss

    def updateGradInput(self, input: Any, target: Any = None) -> Any:
        self.checkType(input)
        gradInput = self.resizeGradInput(input, target)
        thnn.L1Cost_updateGradInput(thnn.contiguous(input), gradInput, 1.0)
        return gradInput

    def forward(self, input: Any, target: Any = None) -> float:
        return self.updateOutput(input, target)

    def backward(self, input: Any, target: Any = None) -> Any:
        return self.updateGradInput(input, target)
