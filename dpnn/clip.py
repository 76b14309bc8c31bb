from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays


@nn.register
class Clip(nn.Module):
    """``output = min(max(input, minval), maxval)``; the gradient passes unchanged, whatever was clipped.

    Input of any shape. ``gradInput`` is gradOutput itself. :class:`nn.Clamp` stops the gradient where it clips.
    ``TypeError`` for bounds that are no numbers. Source: manual of dpnn.
    """

    def __init__(self, minval: float, maxval: float) -> None:
        super().__init__()
        if not isinstance(minval, int | float) or not isinstance(maxval, int | float):
            raise TypeError(f"Clip expects two numbers, got {arrays.describe(minval)} and {arrays.describe(maxval)}")
        self.minval, self.maxval = minval, maxval

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        return arrays.array_module(input).clip(input, self.minval, self.maxval, out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(gradOutput, "gradOutput")
        self.gradInput = self.gradOutputAs(gradOutput, input)
        return self.gradInput
