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
class Add(Module):
    """Adds a learned bias: ``output = input + bias``.

    ``bias`` has ``inputSize`` elements (a number, or a list of sizes), as the input or each sample of a batch.
    With ``scalar`` it is one number, added to every element of an input of any shape. Other sizes raise
    ``ValueError``. Source: manual chapter "simple".
    """

    scalar: bool | None = None

    def __init__(self, inputSize: int | list[int], scalar: bool | None = None) -> None:
        super().__init__()
        self.scalar = scalar
        size = 1 if scalar else utils.sizes_of(inputSize)
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.bias, self.gradBias = xp.empty(size, dtype), xp.zeros(size, dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw bias from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(first size of bias)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.bias.shape[0] or 1)
        uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        bias = self._aligned(self.bias, input)
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
        gradBias = self._aligned(self.gradBias, input)
        self._sum = accumulate(gradBias, 1 if scale is None else scale, gradOutput, vars(self).get("_sum"))

    def _aligned(self, parameter: Any, input: Any) -> Any:
        """``parameter`` as a view to be broadcast against ``input``."""
        if self.scalar:
            return parameter.reshape((1,) * input.ndim)
        return parameter if parameter.shape == input.shape else aligned(self, parameter, input)

    def clearState(self) -> Self:
        vars(self).pop("_sum", None)
        return super().clearState()
