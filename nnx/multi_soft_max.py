from __future__ import annotations

from typing import Any

import nn
from nn import thnn
from torch7 import arrays


@nn.register
class MultiSoftMax(nn.Module):
    """A SoftMax over the last dimension of ``N x C`` or ``N x T x C``. ``ValueError`` for other ranks. Source: nnx."""

    def updateOutput(self, input: Any) -> Any:
        self._checked(input)
        output, rows = self.resizeOutput(input), (-1, input.shape[-1])
        thnn.SoftMax_updateOutput(thnn.contiguous(input).reshape(rows), output.reshape(rows))
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self._checked(input)
        self.checkForward(input.shape)
        gradInput, rows = self.resizeGradInput(input, gradOutput), (-1, input.shape[-1])
        g = thnn.contiguous(self.gradOutputAs(gradOutput, input)).reshape(rows)
        output = thnn.contiguous(self.output).reshape(rows)
        thnn.SoftMax_updateGradInput(g, gradInput.reshape(rows), output)
        return gradInput

    def _checked(self, input: Any) -> None:
        self.checkType(input)
        if input.ndim not in (2, 3) or not input.size:
            raise ValueError(f"{self}: only supports 2D or 3D inputs, got {arrays.describe(input)}")
