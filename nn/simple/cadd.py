from __future__ import annotations

from math import sqrt
from typing import Any, Self

from torch7 import arrays
from torch7.random import uniform

from .. import utils
from ..extension import register
from ..module import Module
from .broadcasting import accumulate, aligned


@register
class CAdd(Module):
    """Adds a learned bias element by element: ``output = input + bias``, for ``CAdd(s1, s2, ...)`` or a list of sizes.

    An input of as many dimensions as ``bias`` repeats it along those of size 1; one of more elements is a batch,
    ``N x ...``, to each sample of which it is added; an input with the same number of elements is
    added in memory order. What fits in none of these ways raises ``ValueError``. Source: manual chapter "simple".
    """

    def __init__(self, *sizes: Any) -> None:
        super().__init__()
        self.size = utils.sizes_of(*sizes)
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.bias, self.gradBias = xp.empty(self.size, dtype), xp.zeros(self.size, dtype)
        self.output = xp.zeros(self.size, dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw bias from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(number of elements)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.bias.size or 1)
        uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        bias = aligned(self, self.bias, input)
        return arrays.array_module(input).add(input, bias, out=self.resizeOutput(input))

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput[...] = self.gradOutputAs(gradOutput, input)
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self.checkType(gradOutput, "gradOutput")
        gradOutput = self.gradOutputAs(gradOutput, input)
        gradBias = aligned(self, self.gradBias, input)
        self._sum = accumulate(gradBias, 1 if scale is None else scale, gradOutput, vars(self).get("_sum"))

    def clearState(self) -> Self:
        vars(self).pop("_sum", None)
        return super().clearState()
