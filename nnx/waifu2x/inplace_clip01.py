from __future__ import annotations

from typing import Any

from nn.transfer.elementwise import Elementwise
from nnx.named import named
from torch7 import arrays


@named("w2nn.InplaceClip01")
class InplaceClip01(Elementwise):
    """Cuts its input, in place, to 0..1; the gradient passes, also where the input was cut. Source: waifu2x."""

    inplace = True

    def updateOutput(self, input: Any) -> Any:
        output = self.outputFor(input)
        return arrays.array_module(input).clip(input, 0, 1, out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(gradOutput, "gradOutput")
        self.gradInput = self.gradOutputAs(gradOutput, input)
        return self.gradInput
