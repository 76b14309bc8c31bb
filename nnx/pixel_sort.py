from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Whole
from torch7 import arrays, registry

FACTOR = Whole(downscaleFactor=1)


@nn.register
class PixelSort(nn.Module):
    """Pixels of blocks become planes: ``y[c r^2 + a r + b, i, j] = x[c, i r + a, j r + b]``, the inverse of
    PixelShuffle.

    Input: ``C x rH x rW`` or ``N x C x rH x rW``, r the ``downscaleFactor``; output ``C r^2 x H x W``. The gradient is
    that of this formula; nnx's is another permutation. ``ValueError`` for other sizes. Source: nnx.
    """

    def __init__(self, downscaleFactor: int) -> None:
        super().__init__()
        self.downscaleFactor = downscaleFactor
        FACTOR(self)
        self.downscaleFactorSquared = downscaleFactor**2

    def updateOutput(self, input: Any) -> Any:
        N, C, H, W, r = self._sizes(input)
        output = self.resizeOutput(input, (*input.shape[:-3], C * r * r, H, W))
        output.reshape(N, C, r, r, H, W)[...] = input.reshape(N, C, H, r, W, r).transpose(0, 1, 3, 5, 2, 4)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        N, C, H, W, r = self._sizes(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        g = self.gradOutputAs(gradOutput, (*input.shape[:-3], C * r * r, H, W)).reshape(N, C, r, r, H, W)
        gradInput.reshape(N, C, H, r, W, r)[...] = g.transpose(0, 1, 4, 2, 5, 3)
        return gradInput

    def _sizes(self, input: Any) -> tuple[int, ...]:
        self.checkType(input)
        (r,) = FACTOR(self)
        if input.ndim not in (3, 4) or input.shape[-2] % r or input.shape[-1] % r:
            raise ValueError(f"{self}: input must be C x {r}H x {r}W, or a batch, got {arrays.describe(input)}")
        C, H, W = input.shape[-3:]
        return input.shape[0] if input.ndim == 4 else 1, C, H // r, W // r, r

    def __tostring__(self) -> str:
        return registry.class_name(type(self))
