from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

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
        if not isinstance(input, np.ndarray):  # on a GPU it is told later
            thnn.suspect(~((input >= 0) & (input <= 1)), lambda place: self._refuse(input))
        elif input.size and not (input.min() >= 0 and input.max() <= 1):
            self._refuse(input)
        return self.loss(thnn.BCECriterion_updateOutput, input, target, self.weights)

    def _refuse(self, input: Any) -> NoReturn:
        low, high = float(input.min()), float(input.max())
        raise ValueError(f"{self}: input value should be between 0~1, got {low:g} to {high:g}")

    def updateGradInput(self, input: Any, target: Any) -> Any:
        target = self.checkPair(input, target)
        check_columns(self, input)
        return self.gradient(thnn.BCECriterion_updateGradInput, input, target, self.weights)
