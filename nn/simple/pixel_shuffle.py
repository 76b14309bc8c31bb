from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..extension import register
from ..module import Module
from ..numbers import Whole

FACTOR = Whole(upscaleFactor=1)


@register
class PixelShuffle(Module):
    """Makes larger images of more planes: ``C r^2 x H x W`` becomes ``C x H r x W r``.

    ``output[c, h r + i, w r + j] = input[c r^2 + i r + j, h, w]``, counted from 0. Input: an image or a batch of them,
    ``N x C r^2 x H x W``; ``r`` is the factor of the size. ``ValueError`` for other ranks, and unless the number of
    planes divides by ``r^2``. Source: manual chapter "simple".
    """

    def __init__(self, upscaleFactor: int) -> None:
        super().__init__()
        self.upscaleFactor = upscaleFactor
        self.upscaleFactorSquared = upscaleFactor**2

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        n, c, h, w = self._sizes(input)
        r = self.upscaleFactor
        output = self.resizeOutput(input, (*input.shape[:-3], c, h * r, w * r))
        output.reshape(n, c, h, r, w, r)[...] = input.reshape(n, c, r, r, h, w).transpose(0, 1, 4, 2, 5, 3)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        n, c, h, w = self._sizes(input)
        r = self.upscaleFactor
        gradOutput = self.gradOutputAs(gradOutput, self.output).reshape(n, c, h, r, w, r)
        gradInput.reshape(n, c, r, r, h, w)[...] = gradOutput.transpose(0, 1, 3, 5, 2, 4)
        return gradInput

    def _sizes(self, input: Any) -> tuple[int, int, int, int]:
        """Samples, planes of the output, height and width of the input."""
        (r,) = FACTOR(self)
        if input.ndim not in (3, 4) or input.shape[-3] % r**2:
            raise ValueError(
                f"{self}: input must be C x H x W or N x C x H x W with C a multiple of {r**2}, "
                f"got {arrays.describe(input)}"
            )
        planes, h, w = input.shape[-3:]
        return input.shape[0] if input.ndim == 4 else 1, planes // r**2, h, w
