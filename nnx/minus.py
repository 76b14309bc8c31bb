from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays


@nn.register
class Minus(nn.Module):
    """``y = -x``. Input of any shape; output of the same shape. Source: nnx."""

    def updateOutput(self, input: Any) -> Any:
        return arrays.array_module(input).negative(input, out=self.resizeOutput(input))

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        return arrays.array_module(input).negative(self.gradOutputAs(gradOutput, input), out=gradInput)
