from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import ElementwiseCriterion


@register
class SoftMarginCriterion(ElementwiseCriterion):
    """The logistic loss of two classes: ``loss = sum log(1 + exp(-t_i x_i)) / n``.

    Input: n scores; target: n labels -1 or 1; both of any shape. ``sizeAverage``, True at first, may be set to False to
    leave the division out. ``TypeError`` for another type, ``ValueError`` for different numbers of elements. Source:
    manual chapter "criterion".
    """

    def __init__(self) -> None:
        super().__init__()

    def updateOutput(self, input: Any, target: Any) -> float:
        target = self.checkPair(input, target)
        return self.loss(thnn.SoftMarginCriterion_updateOutput, input, target)

    def updateGradInput(self, input: Any, target: Any) -> Any:
        target = self.checkPair(input, target)
        return self.gradient(thnn.SoftMarginCriterion_updateGradInput, input, target)
