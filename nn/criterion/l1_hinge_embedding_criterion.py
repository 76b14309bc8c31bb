from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays
from torch7.random import random

from ..criterion_base import Criterion
from ..extension import register
from .labels import check_two


@register
class L1HingeEmbeddingCriterion(Criterion):
    """A loss of one pair by its L1 distance ``d = sum |a_i - b_i|``: ``d`` for label 1, ``max(0, margin - d)`` for -1.

    Input: a list of two tensors a and b of one shape. Target: 1 or -1. ``margin`` is 1 by default. gradInput is a list
    of two tensors; where a and b are equal its sign is drawn at random. ``ValueError`` for what is no table of two,
    ``TypeError`` for another type. Source: manual chapter "criterion".
    """

    def __init__(self, margin: float | None = None) -> None:
        super().__init__()
        self.margin = 1 if margin is None else margin
        self.gradInput = [arrays.empty(), arrays.empty()]

    def updateOutput(self, input: Any, y: Any) -> float:
        a, b, label = self.pair(input, y)
        distance = self.distance(a, b)
        self.output = loss = max(0.0, self.margin - distance) if label == -1 else distance
        return loss

    def updateGradInput(self, input: Any, y: Any) -> Any:
        a, b, label = self.pair(input, y)
        distance = self.distance(a, b)
        xp, (da, db) = arrays.array_module(a), self.gradInput
        xp.subtract(a, b, out=da)
        xp.sign(da, out=da)
        zeros = da == 0
        if zeros.any():
            da[zeros] = 2.0 * random(np.empty(int(zeros.sum())), 2) - 3
        if label == -1:
            xp.multiply(da, 0 if distance > self.margin else -1, out=da)
        xp.negative(da, out=db)
        return self.gradInput

    def distance(self, a: Any, b: Any) -> float:
        """The sum of absolute differences."""
        xp = arrays.array_module(a)
        self.gradInput = [arrays.resized(g, a.shape, a) for g in self.gradInput or [None, None]]
        buffer = self.gradInput[1]
        xp.subtract(a, b, out=buffer)
        return float(xp.absolute(buffer, out=buffer).sum())

    def pair(self, input: Any, y: Any) -> tuple[Any, Any, float]:
        """Both tensors and the label, after all checks."""
        a, b = check_two(self, input)
        if a.shape != b.shape:
            raise ValueError(f"{self}: two tensors of one shape expected, got {arrays.describe(input)}")
        if arrays.is_array(y) and y.size != 1:
            raise ValueError(f"{self}: a label for one pair expected, got {arrays.describe(y)}")
        return a, b, y.item() if arrays.is_array(y) else y
