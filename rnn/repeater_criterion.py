from __future__ import annotations

from typing import Any

import nn
from nn import utils
from torch7 import arrays

from .sequencer_criterion import StepCriterions


@nn.register
class RepeaterCriterion(StepCriterions):
    """The sum of a criterion over the steps of a sequence that all have one target: the match of :class:`nn.Repeater`.

    Input: a table of T steps, or a tensor whose first dimension is time; target: what ``criterion`` takes for one step.
    ``gradInput`` is a table or a tensor as the input is. Each step has a copy of ``criterion``. ``TypeError`` for what
    is no sequence; other errors are those of the criterion. Source: manual of rnn.
    """

    def updateOutput(self, input: Any, target: Any) -> float:
        steps = enumerate(self._steps(input), 1)
        self.output = sum(self.getStepCriterion(step).forward(x, target) for step, x in steps)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        steps = enumerate(self._steps(input), 1)
        return self.collected(input, [self.getStepCriterion(step).backward(x, target) for step, x in steps])

    def _steps(self, input: Any) -> Any:
        if not arrays.is_array(input) and not utils.is_table(input):
            raise TypeError(f"RepeaterCriterion: input must be a table or a tensor, got {arrays.describe(input)}")
        steps = input if arrays.is_array(input) else utils.sequence(input)
        if not len(steps):
            raise ValueError("RepeaterCriterion: the input has no steps")
        return steps
