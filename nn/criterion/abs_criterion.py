from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import ElementwiseCriterion


@register
class AbsCriterion(ElementwiseCriterion):
    """The mean absolute error: ``loss = sum |x_i - t_i| / n``, without the division if ``sizeAverage`` is False.

    Input and target: tensors of n elements each, of any shapes. Where they are equal the derivative is ``1 / n``.
    Source: manual chapter "criterion".
    """

    def updateOutput(self, input: Any, target: Any) -> float:
        target = self.checkPair(input, target)
        return self.loss(thnn.AbsCriterion_updateOutput, input, target)

    def updateGradInput(self, input: Any, target: Any) -> Any:
        target = self.checkPair(input, target)
        return self.gradient(thnn.AbsCriterion_updateGradInput, input, target)
