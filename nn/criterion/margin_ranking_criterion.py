from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import thnn
from ..criterion_base import Criterion
from ..extension import register
from .labels import check_two, signs_of


@register
class MarginRankingCriterion(Criterion):
    """A loss of order: ``max(0, margin - y (a - b))``, averaged; y is 1 where a should rank higher, -1 where b should.

    Input: a list of two tensors a and b of n elements each. Target: a tensor of n labels of any type, or one number;
    then the first elements alone are compared. ``margin`` is 1 by default. ``sizeAverage``, True at first, may be set
    to False to leave out the division by the target's first size. gradInput is a list of two tensors. ``ValueError``
    for what is no table of two and for another number of labels, ``TypeError`` for another type. Source: manual chapter
    "criterion".
    """

    def __init__(self, margin: float | None = None) -> None:
        super().__init__()
        self.margin = 1 if margin is None else margin
        self.sizeAverage: bool | None = True
        self.gradInput = [arrays.empty(), arrays.empty()]

    def updateOutput(self, input: Any, y: Any) -> float:
        a, b, labels = self.pairs(input, y)
        total = thnn.MarginRankingCriterion_updateOutput(a, b, labels, float(self.margin))
        self.output = loss = total * self.norm(y)
        return loss

    def updateGradInput(self, input: Any, y: Any) -> Any:
        a, b, labels = self.pairs(input, y)
        self.gradInput = gradInput = [arrays.resized(g, a.shape, a) for g in self.gradInput or [None, None]]
        thnn.MarginRankingCriterion_updateGradInput(a, b, labels, *gradInput, float(self.margin), self.norm(y))
        if not arrays.is_array(y):
            for g in gradInput:
                g += 0  # with a number for a label Torch wrote a plain 0
        return gradInput

    def pairs(self, input: Any, y: Any) -> tuple[Any, Any, Any]:
        """Both tensors and the labels, after all checks."""
        a, b = check_two(self, input)
        if a.size != b.size or a.size == 0:
            raise ValueError(f"{self}: two tensors of as many elements expected, got {arrays.describe(input)}")
        if not arrays.is_array(y):
            a, b = a.reshape(-1)[:1], b.reshape(-1)[:1]
        return a, b.reshape(a.shape), signs_of(self, y, a.size)

    def norm(self, y: Any) -> float:
        """What the sum is multiplied by."""
        return 1 / len(y) if self.sizeAverage and arrays.is_array(y) else 1.0
