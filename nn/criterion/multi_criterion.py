from __future__ import annotations

from typing import Any, Self

import numpy as np

from torch7 import Storage

from .. import utils
from ..criterion_base import Criterion, a_criterion
from ..extension import register


class CriterionList(Criterion):
    """Base of criterions that add up others: ``criterions`` and their ``weights``."""

    def __init__(self) -> None:
        super().__init__()
        self.criterions: list[Criterion] = []
        self.weights: list[float] = []

    def add(self, criterion: Criterion, weight: float | None = None) -> Self:
        """Add a criterion with a factor, 1 by default; returns self."""
        self.criterions.append(a_criterion(self, criterion))
        self.weights.append(1 if weight is None else weight)
        return self


@register
class MultiCriterion(CriterionList):
    """A weighted sum of losses of one input and target: ``loss = sum_i w_i loss_i(x, t)``.

    ``add(criterion, weight)`` adds a loss. Input and target: what the criterions take, tables included; gradInput has
    the structure of the input. Errors are those of the criterions. Source: manual chapter "criterion".
    """

    def _restore(self) -> None:
        super()._restore()
        if not isinstance(self.weights, list):
            self.weights = np.asarray(self.weights, np.float64).tolist()

    def _t7_fields(self) -> dict:
        """Lua's weights are a DoubleStorage."""
        return vars(self) | {"weights": Storage(np.array(self.weights, np.float64))}

    def updateOutput(self, input: Any, target: Any) -> float:
        losses = [w * c.updateOutput(input, target) for w, c in zip(self.weights, self.criterions)]
        self.output = loss = sum(losses)
        return loss

    def updateGradInput(self, input: Any, target: Any) -> Any:
        gradients = [c.updateGradInput(input, target) for c in self.criterions]
        self.gradInput = gradInput = utils.recursiveResizeAs(self.gradInput, input)[0]
        utils.recursiveFill(gradInput, 0)
        for weight, gradient in zip(self.weights, gradients):
            utils.recursiveAdd(gradInput, weight, gradient)
        return gradInput
