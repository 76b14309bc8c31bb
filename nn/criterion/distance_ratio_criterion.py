from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import thnn
from ..criterion_base import Criterion
from ..extension import register
from .labels import check_two


@register
class DistanceRatioCriterion(Criterion):
    """A loss of two distances, small and large: ``loss = -sum log(exp(-x_i) / (exp(-x_i) + exp(-y_i))) / n``.

    Input: a list of x, distances of pairs that belong together, and y, distances of pairs that do not, n elements each;
    ``ValueError`` for others. The target is not looked at. Without the division if ``sizeAverage`` is False. ``loss``
    holds the losses of the samples. gradInput is a list of two tensors. Source: manual chapter "criterion".
    """

    def __init__(self, sizeAverage: bool | None = None) -> None:
        super().__init__()
        self.sizeAverage = True if sizeAverage is None else sizeAverage
        self.loss = arrays.empty()

    def updateOutput(self, input: Any, target: Any = None) -> float:
        x, y = self.distances(input)
        self.loss = loss = arrays.resized(self.loss, x.shape, x)
        xp = arrays.array_module(x)
        xp.subtract(y, x, out=loss)
        thnn.LogSigmoid_updateOutput(loss, loss)
        xp.negative(loss, out=loss)
        self.output = total = thnn.number(loss.sum()) * self.norm(x)
        return total

    def updateGradInput(self, input: Any, target: Any = None) -> Any:
        x, y = self.distances(input)
        old = self.gradInput if isinstance(self.gradInput, list) else (None, None)
        self.gradInput = dx, dy = [arrays.resized(g, x.shape, x) for g in old]
        xp = arrays.array_module(x)
        xp.subtract(x, y, out=dx)
        thnn.Sigmoid_updateOutput(dx, dx)
        xp.multiply(dx, self.norm(x), out=dx)
        xp.negative(dx, out=dy)
        return self.gradInput

    def distances(self, input: Any) -> tuple[Any, Any]:
        """Both tensors in one shape, after all checks."""
        x, y = check_two(self, input)
        if x.size != y.size or x.shape[:1] != y.shape[:1] or x.size == 0:
            raise ValueError(f"{self}: two tensors of as many distances expected, got {arrays.describe(input)}")
        return x, y.reshape(x.shape)

    def norm(self, x: Any) -> float:
        """What the sum is multiplied by."""
        return 1 / len(x) if self.sizeAverage else 1.0

    def forward(self, input: Any, target: Any = None) -> float:
        return self.updateOutput(input, target)

    def backward(self, input: Any, target: Any = None) -> Any:
        return self.updateGradInput(input, target)
