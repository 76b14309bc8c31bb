from __future__ import annotations

from typing import Any

import nn
from nnx.images import images
from torch7 import arrays


@nn.register
class TotalVariation(nn.Module):
    """Passes images on and adds to the gradient what makes neighbouring pixels equal.

    ``gradInput = gradOutput + strength * d/dx sum ((x[i, j] - x[i, j + 1])^2 + (x[i, j] - x[i + 1, j])^2) / 2`` over
    the pixels that are in neither the last row nor the last column. Input: ``C x H x W`` or ``N x C x H x W``; output
    is the input itself. Other ranks raise ``ValueError``. Source: fast-neural-style.
    """

    def __init__(self, strength: float) -> None:
        super().__init__()
        self.strength = strength
        self.x_diff, self.y_diff = arrays.empty(), arrays.empty()

    def updateOutput(self, input: Any) -> Any:
        images(self, input)
        self.output = input
        return input

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        images(self, input)
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput[...] = self.gradOutputAs(gradOutput, input)
        here, right, below = self._neighbours(input)
        xp = arrays.array_module(input)
        shape = here.shape
        self.x_diff, self.y_diff = self.resized(self.x_diff, shape), self.resized(self.y_diff, shape)
        gradients = self._neighbours(gradInput)
        for other, gradient, buffer in zip((right, below), gradients[1:], (self.x_diff, self.y_diff)):
            xp.subtract(here, other, out=buffer)
            buffer *= self.strength
            gradients[0][...] += buffer
            gradient -= buffer
        return gradInput

    @staticmethod
    def _neighbours(x: Any) -> tuple[Any, Any, Any]:
        """The pixels that have both neighbours, those to the right of them and those below."""
        return x[..., :-1, :-1], x[..., :-1, 1:], x[..., 1:, :-1]

    def clearState(self) -> TotalVariation:
        nn.utils.clear(self, "x_diff", "y_diff")
        return super().clearState()


@nn.register
class TVLoss(TotalVariation):
    """neural-style's name for :class:`TotalVariation`."""
