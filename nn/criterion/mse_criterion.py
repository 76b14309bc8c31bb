from __future__ import annotations

from typing import Any

from .. import thnn
from ..criterion_base import Criterion
from ..doors import register


@register
class MSECriterion(Criterion):
    """The mean squared error: ``loss = sum((x - t)^2) / n``, without the division if ``sizeAverage`` is False.

    Input and target: tensors of n elements each, of any shapes. Source: manual chapter "criterion".
    """

    def __init__(self, sizeAverage: bool | None = None) -> None:
        super().__init__()
        self.sizeAverage = True if sizeAverage is None else sizeAverage

    def updateOutput(self, input: Any, target: Any) -> float:
        target = self.checkPair(input, target)
        contiguous = thnn.contiguous
        self.output = loss = thnn.MSECriterion_updateOutput(contiguous(input), contiguous(target), self.sizeAverage)
        return loss

    def updateGradInput(self, input: Any, target: Any) -> Any:
        target = self.checkPair(input, target)
        gradInput = self.resizeGradInput(input)
        contiguous = thnn.contiguous
        thnn.MSECriterion_updateGradInput(contiguous(input), contiguous(target), gradInput, self.sizeAverage)
        return gradInput
