from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import ElementwiseCriterion


@register
class MarginCriterion(ElementwiseCriterion):
    """The hinge loss of two classes: ``loss = sum max(0, margin - t_i x_i) / n``.

    Input: n scores; target: n labels -1 or 1; both of any shape. ``margin`` is 1 by default. ``sizeAverage``, True at
    first, may be set to False to leave the division out. ``TypeError`` for another type, ``ValueError`` for different
    numbers of elements. Source: manual chapter "criterion".
    """

    def __init__(self, margin: float | None = None) -> None:
        super().__init__()
        self.margin = 1 if margin is None else margin

    def updateOutput(self, input: Any, target: Any) -> float:
        target = self.checkPair(input, target)
        return self.loss(thnn.MarginCriterion_updateOutput, input, target, self.margin)

    def updateGradInput(self, input: Any, target: Any) -> Any:
        target = self.checkPair(input, target)
        return self.gradient(thnn.MarginCriterion_updateGradInput, input, target, self.margin)
