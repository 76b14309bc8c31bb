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
class CMul(Module):
    """Multiplies by a learned weight element by element: ``output = weight * input``; ``CMul(s1, s2, ...)``.

    An input of as many dimensions as ``weight`` repeats it along those of size 1; one of more elements is a batch,
    ``N x ...``, each sample of which is multiplied; an input with the same number of elements is
    multiplied in memory order. What fits in none of these ways raises ``ValueError``. Source: manual chapter "simple".
    """

    def __init__(self, *sizes: Any) -> None:
        super().__init__()
        self.size = utils.sizes_of(*sizes)
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = xp.empty(self.size, dtype), xp.zeros(self.size, dtype)
        self.output = xp.zeros(self.size, dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(number of elements)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.weight.size or 1)
        uniform(self.weight, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        weight = aligned(self, self.weight, input)
        return arrays.array_module(input).multiply(input, weight, out=self.resizeOutput(input))

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        gradInput = self.resizeGradInput(input, gradOutput)
        weight = aligned(self, self.weight, input)
        gradOutput = self.gradOutputAs(gradOutput, input)
        return arrays.array_module(input).multiply(gradOutput, weight, out=gradInput)

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self.checkType(gradOutput, "gradOutput")
        gradOutput = self.gradOutputAs(gradOutput, input)
        gradWeight = aligned(self, self.gradWeight, input)
        product = self._product = self.resized(vars(self).get("_product"), input.shape)
        arrays.array_module(input).multiply(input, gradOutput, out=product)
        self._reduced = accumulate(gradWeight, 1 if scale is None else scale, product, vars(self).get("_reduced"))

    def clearState(self) -> Self:
        vars(self).pop("_product", None)
        vars(self).pop("_reduced", None)
        return super().clearState()
