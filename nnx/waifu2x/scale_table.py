from __future__ import annotations

from typing import Any

import nn
from nnx.named import named
from torch7 import arrays


@named("w2nn.ScaleTable")
class ScaleTable(nn.Module):
    """Planes times a number each: ``{x, s}`` -> ``y[n, c] = x[n, c] s[n, c]``.

    Input: x, ``N x C x H x W``, and s of ``N x C`` elements, such as ``N x C x 1 x 1``. Other shapes raise
    ``ValueError``. Source: waifu2x.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gradInput: Any = [arrays.empty(self._type), arrays.empty(self._type)]

    def updateOutput(self, input: Any) -> Any:
        x, s = self._pair(input)
        return arrays.array_module(x).multiply(x, s, out=self.resizeOutput(x))

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        x, s = self._pair(input)
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, x.shape)
        held = self.gradInput if isinstance(self.gradInput, list) and len(self.gradInput) == 2 else [None, None]
        self.gradInput = [self.resized(buffer, tensor.shape) for buffer, tensor in zip(held, input)]
        xp = arrays.array_module(x)
        xp.multiply(g, s, out=self.gradInput[0])
        self.gradInput[1].reshape(s.shape[:2])[...] = xp.einsum("nchw,nchw->nc", g, x)
        return self.gradInput

    def _pair(self, input: Any) -> tuple[Any, Any]:
        if not isinstance(input, list | tuple) or len(input) != 2:
            raise TypeError(f"{self}: input must be a table of planes and factors, got {arrays.describe(input)}")
        for tensor in input:
            self.checkType(tensor)
        x, s = input
        if x.ndim != 4 or s.size != x.shape[0] * x.shape[1]:
            raise ValueError(f"{self}: planes and factors do not fit: {arrays.describe(list(input))}")
        return x, s.reshape(*x.shape[:2], 1, 1)
