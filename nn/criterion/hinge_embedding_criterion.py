from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import ElementwiseCriterion
from .labels import signs_of


@register
class HingeEmbeddingCriterion(ElementwiseCriterion):
    """A loss of distances: ``x`` for pairs that belong together, ``max(0, margin - x)`` for others, averaged.

    Input: n distances, of any shape. Target: n labels, 1 for "together" and -1, in a tensor of any type, or a number
    for a single distance. ``margin`` is 1 by default. ``sizeAverage``, True at first, may be set to False to leave the
    division by n out. ``ValueError`` for another number of labels, ``TypeError`` for another type. Source: manual
    chapter "criterion"; Hadsell, Chopra and LeCun 2006.
    """

    def __init__(self, margin: float | None = None) -> None:
        super().__init__()
        self.margin = 1 if margin is None else margin

    def updateOutput(self, input: Any, target: Any) -> float:
        target = self.labels(input, target)
        return self.loss(thnn.HingeEmbeddingCriterion_updateOutput, input, target, self.margin)

    def updateGradInput(self, input: Any, target: Any) -> Any:
        target = self.labels(input, target)
        return self.gradient(thnn.HingeEmbeddingCriterion_updateGradInput, input, target, self.margin)

    def labels(self, input: Any, target: Any) -> Any:
        """The labels in the shape of ``input``, after all checks."""
        self.checkType(input)
        return signs_of(self, target, input.size).reshape(input.shape)
