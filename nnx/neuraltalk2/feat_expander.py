from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Whole
from torch7 import arrays

TIMES = Whole(n=1)


@nn.register
class FeatExpander(nn.Module):
    """Every row ``n`` times: ``N x D`` -> ``nN x D``, as for n captions of an image; with 1 the input itself.

    The gradient of a row is the sum of those of its copies. ``ValueError`` for other ranks. Source: neuraltalk2.
    """

    def __init__(self, n: int) -> None:
        super().__init__()
        self.n = n
        TIMES(self)

    def updateOutput(self, input: Any) -> Any:
        n = self._times(input)
        if n == 1:
            self.output = input
            return input
        output = self.resizeOutput(input, (n * len(input), input.shape[1]))
        output.reshape(len(input), n, -1)[...] = input[:, None]
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        n = self._times(input)
        g = self.gradOutputAs(gradOutput, (n * len(input), input.shape[1]))
        if n == 1:
            self.gradInput = g
            return g
        gradInput = self.resizeGradInput(input, gradOutput)
        return arrays.array_module(g).sum(g.reshape(len(input), n, -1), 1, out=gradInput)

    def _times(self, input: Any) -> int:
        self.checkType(input)
        if input.ndim != 2:
            raise ValueError(f"{self}: input must be N x D, got {arrays.describe(input)}")
        return TIMES(self)[0]
