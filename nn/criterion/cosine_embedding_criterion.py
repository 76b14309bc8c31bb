from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import thnn
from ..criterion_base import Criterion
from ..extension import register
from .labels import check_two, signs_of


@register
class CosineEmbeddingCriterion(Criterion):
    """A loss of angles: ``1 - cos(a, b)`` for label 1, ``max(0, cos(a, b) - margin)`` for label -1, averaged.

    Input: a list of two tensors a and b, vectors or ``N x D``, of one shape. Target: a label for each pair, a number or
    N of them. ``margin`` is 0 by default. ``sizeAverage``, True at first, may be set to False to sum over the pairs.
    gradInput is a list of two tensors; it is 0 for a pair whose loss is 0. ``ValueError`` for what is no table of two
    and for another number of labels, ``TypeError`` for another type. Source: manual chapter "criterion".
    """

    def __init__(self, margin: float | None = None) -> None:
        super().__init__()
        self.margin = 0 if margin is None else margin
        self.sizeAverage: bool | None = True
        self.gradInput = [arrays.empty(), arrays.empty()]

    def updateOutput(self, input: Any, y: Any) -> float:
        a, b, labels = self.pairs(input, y)
        total = thnn.CosineEmbeddingCriterion_updateOutput(a, b, labels, float(self.margin))
        self.output = loss = total * self.norm(labels)
        return loss

    def updateGradInput(self, input: Any, y: Any) -> Any:
        a, b, labels = self.pairs(input, y)
        self.gradInput = gradInput = [arrays.resized(g, a.shape, a) for g in self.gradInput or [None, None]]
        thnn.CosineEmbeddingCriterion_updateGradInput(a, b, labels, *gradInput, float(self.margin), self.norm(labels))
        return gradInput

    def pairs(self, input: Any, y: Any) -> tuple[Any, Any, Any]:
        """Both tensors and the labels, after all checks."""
        a, b = check_two(self, input)
        if a.ndim not in (1, 2) or a.shape != b.shape:
            raise ValueError(f"{self}: two vectors or matrices of one shape expected, got {arrays.describe(input)}")
        if not a.size:
            raise ValueError(f"{self}: {arrays.describe(input)} has no elements")
        return a, b, signs_of(self, y, len(a) if a.ndim == 2 else 1)

    def norm(self, labels: Any) -> float:
        """What the sum is multiplied by."""
        return 1 / labels.size if self.sizeAverage else 1.0
