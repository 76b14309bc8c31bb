from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import ElementwiseCriterion


@register
class MSECriterion(ElementwiseCriterion):
    """The mean squared error: ``loss = sum (x_i - t_i)^2 / n``, without the division if ``sizeAverage`` is False.

    Input and target: tensors of n elements each, of any shapes. Source: manual chapter "criterion".
    """

    def updateOutput(self, input: Any, target: Any) -> float:
        target = self.checkPair(input, target)
        return self.loss(thnn.MSECriterion_updateOutput, input, target)

    def updateGradInput(self, input: Any, target: Any) -> Any:
        target = self.checkPair(input, target)
        return self.gradient(thnn.MSECriterion_updateGradInput, input, target)
