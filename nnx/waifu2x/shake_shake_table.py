from __future__ import annotations

from typing import Any

import nn
from nnx.named import named
from nnx.tables import gradients, pair
from torch7 import arrays
from torch7.random import uniform


@named("w2nn.ShakeShakeTable")
class ShakeShakeTable(nn.Module):
    """The sum of two branches with random shares: ``{a, b}`` -> ``2 ((1 - alpha) a + alpha b)``, in evaluation ``a +
    b``.

    ``alpha`` is drawn from U(0, 1) for every sample. Backward draws nothing: gradients are ``beta`` and ``1 - beta``
    times gradOutput, ``beta`` drawn by the forward too. Input: tensors of one shape, samples first. ``ValueError`` for
    others. Source: waifu2x; Gastaldi (2017), Shake-Shake regularization.
    """

    def __init__(self) -> None:
        super().__init__()
        self.alpha, self.beta = arrays.empty(self._type), arrays.empty(self._type)
        self.first, self.second = arrays.empty(self._type), arrays.empty(self._type)
        self.train = True
        self.gradInput: Any = []

    def updateOutput(self, input: Any) -> Any:
        a, b = self._branches(input)
        xp, output = arrays.array_module(a), self.resizeOutput(a)
        if self.train is False:
            return xp.add(a, b, out=output)
        for name in ("alpha", "beta"):
            setattr(self, name, self.resized(getattr(self, name), (len(a),)))
            uniform(getattr(self, name), 0, 1)
        alpha = self.alpha.reshape(-1, *(1,) * (a.ndim - 1))
        self.second = second = self.resized(self.second, a.shape)
        xp.multiply(b, alpha, out=second)
        xp.multiply(a, 1 - alpha, out=output)
        output += second
        output *= 2
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        a, b = self._branches(input)
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, a.shape)
        if self.beta.size != len(a):
            raise ValueError(f"{self}: backward needs a forward in training with as many samples")
        beta = self.beta.reshape(-1, *(1,) * (a.ndim - 1))
        first, second = gradients(self, (a, b))
        arrays.array_module(a).multiply(g, beta, out=first)
        arrays.array_module(a).multiply(g, 1 - beta, out=second)
        return self.gradInput

    def _branches(self, input: Any) -> tuple[Any, Any]:
        a, b = pair(self, input, "two branches")
        if a.shape != b.shape or not a.ndim:
            raise ValueError(f"{self}: branches differ: {arrays.describe(list(input))}")
        return a, b

    def clearState(self) -> ShakeShakeTable:
        nn.utils.clear(self, "first", "second")
        return super().clearState()
