from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import thnn
from ..extension import register
from .elementwise import ElementwiseCriterion


@register
class DistKLDivCriterion(ElementwiseCriterion):
    """The Kullback-Leibler divergence: ``loss = sum t_i (log t_i - x_i) / n`` over the positive ``t_i``.

    Input: n log-probabilities; target: n probabilities, of the same shape, otherwise ``ValueError``. ``sizeAverage``,
    True at first, may be set to False to leave the division out. Source: manual chapter "criterion".
    """

    def __init__(self) -> None:
        super().__init__()

    def updateOutput(self, input: Any, target: Any) -> float:
        target = self.sameShape(input, target)
        return self.loss(thnn.DistKLDivCriterion_updateOutput, input, target)

    def updateGradInput(self, input: Any, target: Any) -> Any:
        target = self.sameShape(input, target)
        return self.gradient(thnn.DistKLDivCriterion_updateGradInput, input, target)

    def sameShape(self, input: Any, target: Any) -> Any:
        """``target``; ``ValueError`` unless it has the shape of ``input``."""
        if arrays.is_array(input) and arrays.is_array(target) and input.shape != target.shape:
            raise ValueError(f"{self}: input is {arrays.describe(input)}, target {arrays.describe(target)}")
        return self.checkPair(input, target)
