from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import utils
from ..extension import register
from .multi_criterion import CriterionList


@register
class ParallelCriterion(CriterionList):
    """A weighted sum of losses, each of its own input and target: ``loss = sum_i w_i loss_i(x[i], t[i])``.

    ``add(criterion, weight)`` adds a loss for the next input. Input: a list of what the criterions take; target: a list
    likewise, or one target for all with ``repeatTarget``. gradInput is a list; inputs without a criterion get zeros.
    ``ValueError`` for fewer inputs or targets than criterions; other errors are theirs. Source: manual chapter
    "criterion".
    """

    def __init__(self, repeatTarget: bool | None = None) -> None:
        super().__init__()
        self.repeatTarget = bool(repeatTarget)
        self.gradInput: Any = []

    def updateOutput(self, input: Any, target: Any) -> float:
        targets = self.targets(input, target)
        losses = [w * c.updateOutput(x, t) for w, c, x, t in zip(self.weights, self.criterions, input, targets)]
        self.output = loss = sum(losses)
        return loss

    def updateGradInput(self, input: Any, target: Any) -> Any:
        targets = self.targets(input, target)
        gradients = [c.updateGradInput(x, t) for c, x, t in zip(self.criterions, input, targets)]
        self.gradInput = gradInput = utils.recursiveResizeAs(self.gradInput, input)[0]
        utils.recursiveFill(gradInput, 0)
        for i, (weight, gradient) in enumerate(zip(self.weights, gradients)):
            utils.recursiveAdd(gradInput[i], weight, gradient)
        return gradInput

    def targets(self, input: Any, target: Any) -> list:
        """The target of each criterion, after a check of the numbers of inputs and targets."""
        n = len(self.criterions)
        targets = [target] * n if self.repeatTarget else target
        for what, table in (("inputs", input), ("targets", targets)):
            if not isinstance(table, list | tuple) or len(table) < n:
                raise ValueError(f"{self}: {n} {what} expected, got {arrays.describe(table)}")
        return targets
