from __future__ import annotations

from typing import Any

from .. import utils
from ..criterion_base import Criterion
from ..extension import register
from ..module import Module


@register
class CriterionTable(Module):
    """A criterion as a module: input ``{x, target}``, output the loss, a number; ``gradInput = {gradient by x}``.

    Further entries of the input are passed to the criterion too; gradOutput is ignored. A table criterion's gradient is
    a table: ``{{g1, g2}}``. Errors are those of the criterion. Source: manual chapter "table".
    """

    def __init__(self, criterion: Criterion) -> None:
        super().__init__()
        self.criterion = criterion
        self.gradInput = [criterion.gradInput]

    def updateOutput(self, input: Any) -> float:
        self.output = self.criterion.updateOutput(*utils.sequence(input, self))
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any = None) -> list:
        gradInput = self.criterion.updateGradInput(*utils.sequence(input, self))
        self.gradInput = utils.refilled(self.gradInput, [gradInput])
        return self.gradInput

    def backward(self, input: Any, gradOutput: Any = None, scale: float | None = None) -> list:
        return self.updateGradInput(input)
