from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays


@nn.register
class SeqReverseSequence(nn.Module):
    """Turns a sequence round along a dimension, and the gradient back.

    ``dim``: 1 to 3; input of at least as many dimensions. ``ValueError`` for others. Source: manual of rnn.
    """

    def __init__(self, dim: int) -> None:
        super().__init__()
        if not isinstance(dim, int) or not 1 <= dim <= 3:
            message = "Dimension has to be no greater than 3 (Only supports up to a 3D Tensor)."
            raise ValueError(f"nn.SeqReverseSequence: {message} Got {dim}")
        self.dim = dim

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        return self._reverse(input, output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        return self._reverse(self.gradOutputAs(gradOutput, input), gradInput)

    def _reverse(self, x: Any, out: Any) -> Any:
        if x.ndim < self.dim:
            raise ValueError(f"nn.SeqReverseSequence of dimension {self.dim}, got {arrays.describe(x)}")
        out[...] = arrays.array_module(x).flip(x, self.dim - 1)
        return out
