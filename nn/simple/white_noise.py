from __future__ import annotations

from typing import Any, Self

from torch7 import arrays
from torch7.random import normal

from ..extension import register
from ..module import Module


@register
class WhiteNoise(Module):
    """Adds noise drawn from N(mean, std) to every element during training, and only the mean in evaluation.

    ``mean`` is 0, ``std`` 0.1 by default; input of any shape, gradients pass. ``RuntimeError`` for a backward in
    evaluation. Source: package dpnn's and nn's manuals.
    """

    def __init__(self, mean: float | None = None, std: float | None = None) -> None:
        super().__init__()
        self.mean = 0 if mean is None else mean
        self.std = 0.1 if std is None else std
        self.noise = arrays.empty()

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        output[...] = input
        if self.train is not False:
            self.noise = self.resized(self.noise, input.shape)
            normal(self.noise, self.mean, self.std)
            output += self.noise
        elif self.mean:
            output += self.mean
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.train is False:
            raise RuntimeError(f"{self}: backprop only defined while training")
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput[...] = self.gradOutputAs(gradOutput, input)
        return gradInput

    def clearState(self) -> Self:
        self.noise = arrays.empty(self._type)
        return super().clearState()

    def __tostring__(self) -> str:
        return f"nn.WhiteNoise mean: {self.mean:f}, std: {self.std:f}"
