from __future__ import annotations

from typing import Any

import nn
from nnx.images import images
from nnx.named import named
from torch7 import arrays


@named("inn.MeanSubtraction")
class MeanSubtraction(nn.Module):
    """Takes a constant off images: ``y = x - mean``, a number for each plane or an image.

    Input: ``C x H x W`` or ``N x C x H x W``; output of the same shape. ``mean`` has C elements or ``C x h x w`` that
    broadcast. ``ValueError`` where it does not fit. Source: inn.
    """

    def __init__(self, mean: Any) -> None:
        super().__init__()
        self.mean = arrays.cast(mean, self._type).copy()

    def updateOutput(self, input: Any) -> Any:
        images(self, input)
        mean = self.mean[0] if self.mean.ndim == 4 else self.mean  # Torch expanded it to a batch
        mean = mean if mean.ndim == 3 else mean.reshape(-1, 1, 1)
        if any(m not in (1, s) for m, s in zip(mean.shape, input.shape[-3:])):
            raise ValueError(f"{self}: mean {arrays.describe(self.mean)} does not fit {arrays.describe(input)}")
        return arrays.array_module(input).subtract(input, mean, out=self.resizeOutput(input))

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput[...] = self.gradOutputAs(gradOutput, input)
        return gradInput
