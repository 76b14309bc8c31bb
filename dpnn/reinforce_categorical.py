from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays, multinomial

from .reinforce import Reinforce


@nn.register
class ReinforceCategorical(Reinforce):
    """Samples one of C categories, put out as a row with one 1; :class:`Reinforce` says how it learns.

    Input: probabilities p, ``N x C``, such as a SoftMax puts out; the output x has the same size.
    ``gradInput = -r x / (p + 1e-8)``. In evaluation the output is p. Other ranks raise ``ValueError``.
    Source: manual of dpnn.
    """

    def sample(self, input: Any) -> Any:
        output = self._output(input)
        drawn = multinomial(input, 1).reshape(-1) - 1
        output.fill(0)
        output[arrays.array_module(input).arange(len(input)), drawn] = 1
        return output

    def mean(self, input: Any) -> Any:
        output = self._output(input)
        output[...] = input
        return output

    def _output(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim != 2:
            raise ValueError(f"nn.ReinforceCategorical expects N x C probabilities, got {arrays.describe(input)}")
        return self.resizeOutput(input)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(input)
        gradInput = self.gradInput = self.resized(self.gradInput, input.shape, input, self.output)
        xp = arrays.array_module(input)
        xp.add(input, 1e-8, out=gradInput)
        xp.divide(self.output, gradInput, out=gradInput)
        return self.rewarded(input, gradInput)
