from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Whole
from nnx.images import images
from torch7 import arrays, registry

SIZE = Whole(size=0)


@nn.register
class ShaveImage(nn.Module):
    """Takes a border of ``size`` pixels off all sides of images.

    Input: ``C x H x W`` or ``N x C x H x W``; output ``C x (H - 2 size) x (W - 2 size)``. ``ValueError`` where nothing
    is left. Source: fast-neural-style.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        SIZE(self)

    def updateOutput(self, input: Any) -> Any:
        inner = input[self._inside(input)]
        output = self.resizeOutput(input, inner.shape)
        output[...] = inner
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        inside = self._inside(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput.fill(0)
        gradInput[inside] = self.gradOutputAs(gradOutput, gradInput[inside].shape)
        return gradInput

    def _inside(self, input: Any) -> tuple:
        images(self, input)
        (size,) = SIZE(self)
        if min(input.shape[-2:]) <= 2 * size:
            raise ValueError(f"{self}: nothing is left of {arrays.describe(input)}")
        return ..., *(slice(size, extent - size) for extent in input.shape[-2:])

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))}({self.size})"
