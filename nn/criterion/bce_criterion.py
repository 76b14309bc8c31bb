from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import ElementwiseCriterion
from .labels import check_columns, class_weights


@register
class BCECriterion(ElementwiseCriterion):
    """Binary cross-entropy: ``loss = -sum w (t log(x + e) + (1 - t) log(1 - x + e)) / n`` with e = 1e-12.

    Input: n probabilities; target: n numbers between 0 and 1; both of one shape. ``weights``: a factor for each element
    of a vector or each column of a matrix, 1 by default. Without the division if ``sizeAverage`` is False. An input
    outside 0..1 raises ``ValueError``. Source: manual chapter "criterion".
    """

    def __init__(self, weights: Any = None, sizeAverage: bool | None = None) -> None:
        super().__init__(sizeAverage)
        self.weights = class_weights(self, weights)

    def updateOutput(self, input: Any, target: Any) -> float:
        target = self.checkPair(input, target)
        check_columns(self, input)
        if input.size and not (input.min() >= 0 and input.max() <= 1):
            raise ValueError(f"{self}: input value should be between 0~1, got {input.min():g} to {input.max():g}")
        return self.loss(thnn.BCECriterion_updateOutput, input, target, self.weights)

    def updateGradInput(self, input: Any, target: Any) -> Any:
        target = self.checkPair(input, target)
        check_columns(self, input)
        return self.gradient(thnn.BCECriterion_updateGradInput, input, target, self.weights)
