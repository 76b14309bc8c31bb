from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Real
from torch7 import arrays, registry

FACTORS = Real("strength", "max_grad")


@nn.register
class DeepDreamLoss(nn.Module):
    """Passes its input and makes it larger: ``gradInput = gradOutput - strength clamp(x, -max_grad, max_grad)``.

    ``strength`` is 1e-5 and ``max_grad`` 100 by default; the field ``loss`` stays 0. Source: fast-neural-style.
    """

    def __init__(self, strength: float | None = None, max_grad: float | None = None) -> None:
        super().__init__()
        self.strength, self.max_grad = 1e-5 if strength is None else strength, 100.0 if max_grad is None else max_grad
        FACTORS(self)
        self.clipped, self.loss = arrays.empty(self._type), 0

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        self.output = input
        return input

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        strength, most = FACTORS(self)
        gradInput = self.resizeGradInput(input, gradOutput)
        self.clipped = clipped = self.resized(self.clipped, input.shape)
        arrays.array_module(input).clip(input, -most, most, out=clipped)
        clipped *= -strength
        return arrays.array_module(input).add(self.gradOutputAs(gradOutput, input), clipped, out=gradInput)

    def clearState(self) -> DeepDreamLoss:
        nn.utils.clear(self, "clipped")
        return super().clearState()


registry.lacking(DeepDreamLoss, strength=1e-5, max_grad=100.0)
