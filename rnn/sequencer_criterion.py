from __future__ import annotations

import copy
from typing import Any, Self

import nn
from nn import sums, utils
from nn.criterion_base import a_criterion
from torch7 import arrays, registry


class StepCriterions(nn.Criterion):
    """Base of criterions that have a copy of one criterion for every step, in the list ``clones``."""

    def __init__(self, criterion: nn.Criterion) -> None:
        super().__init__()
        self.criterion = a_criterion(self, criterion)
        self.gradInput: Any = []
        self.clones: list[nn.Criterion] = []

    def getStepCriterion(self, step: int) -> nn.Criterion:
        """The criterion of the 1-based ``step``."""
        while len(self.clones) < step:
            self.clones.append(copy.deepcopy(self.criterion))
        return self.clones[step - 1]

    def collected(self, input: Any, gradients: list) -> Any:
        """The steps' gradients as ``input`` is: a table, or one tensor."""
        if utils.is_table(input):
            self.gradInput = utils.refilled(self.gradInput, gradients)
        else:
            self.gradInput = arrays.resized(self.gradInput, (len(gradients), *gradients[0].shape), gradients[0])
            for whole, part in zip(self.gradInput, gradients):
                sums.copy(part, whole)
        return self.gradInput

    def clearState(self) -> Self:
        self.gradInput, self.clones = [], []
        return self

    def __tostring__(self) -> str:
        return registry.class_name(type(self))


@nn.register
class SequencerCriterion(StepCriterions):
    """The sum of a criterion over the steps of a sequence: ``loss = sum over t of criterion(input[t], target[t])``.

    Input and target: two tables of T steps, or two tensors whose first dimension is time. ``gradInput`` is a table or a
    tensor likewise. With ``sizeAverage`` (False) loss and gradients are divided by T. Each step has a copy of
    ``criterion``. Sequences of different lengths raise ``ValueError``. Source: manual of rnn.
    """

    def __init__(self, criterion: nn.Criterion, sizeAverage: bool | None = None) -> None:
        if isinstance(criterion, nn.ModuleCriterion):
            raise TypeError("SequencerCriterion shouldn't decorate a ModuleCriterion. Decorate it the other way round")
        super().__init__(criterion)
        self.sizeAverage = bool(sizeAverage)

    def updateOutput(self, input: Any, target: Any) -> float:
        inputs, targets = self._steps(input, target)
        pairs = enumerate(zip(inputs, targets), 1)
        loss = sum(self.getStepCriterion(step).forward(x, t) for step, (x, t) in pairs)
        self.output = loss / len(inputs) if self.sizeAverage else loss
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        inputs, targets = self._steps(input, target)
        pairs = enumerate(zip(inputs, targets), 1)
        gradients = [self.getStepCriterion(step).backward(x, t) for step, (x, t) in pairs]
        if self.sizeAverage:
            gradients = [divided(gradient, len(inputs)) for gradient in gradients]
        return self.collected(input, gradients)

    def _steps(self, input: Any, target: Any) -> tuple[Any, Any]:
        """The steps of input and target; ``TypeError`` or ``ValueError`` where they do not fit each other."""
        if arrays.is_array(input):
            if not arrays.is_array(target):
                raise TypeError("expecting target Tensor since input is a Tensor")
        elif utils.is_table(input):
            if not utils.is_table(target):
                raise TypeError("expecting target table")
            input, target = utils.sequence(input), utils.sequence(target)
        else:
            raise TypeError(f"SequencerCriterion: input must be a table or a tensor, got {arrays.describe(input)}")
        if len(input) != len(target) or not len(input):
            raise ValueError(f"target should have as many elements as input: {len(target)} and {len(input)}")
        return input, target


def divided(table: Any, n: int) -> Any:
    """Every tensor of a nested table divided by ``n``, in place."""
    if utils.is_table(table):
        for k in utils.keys(table):
            divided(table[k], n)
    else:
        table /= n
    return table
