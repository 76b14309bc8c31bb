from __future__ import annotations

from typing import Any, Self

import nn
from torch7 import arrays
from torch7.random import uniform

from .reinforce import Reinforce


@nn.register
class ReinforceBernoulli(Reinforce):
    """Samples x = 1 with probability p, the input, else 0; :class:`Reinforce` says how it learns.

    ``gradInput = -r (x - p) / (p (1 - p))``. In evaluation the output is p. Input of any shape, first dimension the
    batch. ``TypeError`` for a tensor of another type. Source: manual of dpnn.
    """

    def __init__(self, stochastic: bool | None = None) -> None:
        super().__init__(stochastic)
        self._uniform: Any = None

    def sample(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        self._uniform = self.resized(self._uniform, input.shape)
        uniform(self._uniform, 0, 1)
        output[...] = self._uniform < input
        return output

    def mean(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        output[...] = input
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(input)
        xp = arrays.array_module(input)
        gradInput = self.gradInput = self.resized(self.gradInput, input.shape, input, self.output)
        xp.subtract(self.output, input, out=gradInput)
        gradInput /= input * (1 - input)
        return self.rewarded(input, gradInput)

    def clearState(self) -> Self:
        self._uniform = None
        return super().clearState()
