from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import ElementwiseCriterion


@register
class SmoothL1Criterion(ElementwiseCriterion):
    """An absolute error that is smooth around 0: ``loss = sum f(|x_i - t_i|) / n``.

    ``f(d)`` is ``d^2 / 2`` below 1, else ``d - 1/2``. Without the division if ``sizeAverage`` is False. Input and
    target: tensors of n elements each, of any shapes. Source: manual chapter "criterion"; Girshick 2015.
    """

    def updateOutput(self, input: Any, target: Any) -> float:
        target = self.checkPair(input, target)
        return self.loss(thnn.SmoothL1Criterion_updateOutput, input, target)

    def updateGradInput(self, input: Any, target: Any) -> Any:
        target = self.checkPair(input, target)
        return self.gradient(thnn.SmoothL1Criterion_updateGradInput, input, target)
