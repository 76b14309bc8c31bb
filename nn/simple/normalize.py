from __future__ import annotations

from math import inf
from typing import Any, Self

from torch7 import arrays

from .. import thnn, utils
from ..extension import register
from ..module import Module
from ..numbers import Real

POWER = Real("p")


@register
class Normalize(Module):
    """Divides by the L_p norm: ``y = x / (sum |x|^p + eps)^(1/p)``, or ``x / (max |x| + eps)`` for p infinite.

    Input: n elements, or a batch of rows, ``N x n``, each divided by its own norm; output of the same shape. ``eps`` is
    1e-10 by default. ``ValueError`` unless p > 0, and for inputs of other ranks. Source: manual chapter "simple".
    """

    def __init__(self, p: float, eps: float | None = None) -> None:
        super().__init__()
        if p is None:
            raise ValueError("nn.Normalize: p-norm not provided")
        if not p > 0:
            raise ValueError(f"nn.Normalize: {p}-norm not supported")
        self.p = p
        self.eps = 1e-10 if eps is None else eps

    def _check(self) -> None:
        """Raise unless there is such a norm."""
        (p,) = POWER(self)
        if not p > 0:
            raise ValueError(f"nn.Normalize: {p}-norm not supported")

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        self._check()
        if input.ndim not in (1, 2):
            raise ValueError(f"{self}: only 1d layer supported, or a batch, got {arrays.describe(input)}")
        output, xp = self.resizeOutput(input), arrays.array_module(input)
        x = input.reshape(-1, input.shape[-1])
        buffer = self.buffer = self.resized(vars(self).get("buffer"), x.shape)
        self.norm = self.resized(vars(self).get("norm"), (len(x), 1))
        xp.abs(x, out=buffer)
        if self.p == inf:
            self._indices = buffer.argmax(1)[:, None] + 1
            xp.add(xp.take_along_axis(buffer, self._indices - 1, 1), self.eps, out=self.norm)
        else:
            xp.power(buffer, self.p, out=buffer)
            self.normp = self.resized(vars(self).get("normp"), self.norm.shape)
            thnn.rowSums(buffer, self.normp)
            self.normp += self.eps
            xp.power(self.normp, 1 / self.p, out=self.norm)
        xp.divide(x, self.norm, out=output.reshape(x.shape))
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput, xp = self.resizeGradInput(input, gradOutput), arrays.array_module(input)
        x = input.reshape(-1, input.shape[-1])
        g = self.gradOutputAs(gradOutput, self.output).reshape(x.shape)
        self._check()
        kept = {"norm": (len(x), 1)} if self.p == inf else {"norm": (len(x), 1), "normp": (len(x), 1)}
        self.checkFields(**kept)
        self.buffer = self.resized(self.buffer, x.shape)
        cross = self.cross = self.resized(vars(self).get("cross"), self.norm.shape)
        xp.multiply(x, g, out=self.buffer)
        thnn.rowSums(self.buffer, cross)
        result = gradInput.reshape(x.shape)
        if self.p == inf:
            self._maximumGradient(x, g, cross, result)
        else:
            self._powerGradient(x, g, cross, result)
        return gradInput

    def _powerGradient(self, x: Any, g: Any, cross: Any, result: Any) -> None:
        """(normp g - x |x|^(p-2) <x, g>) / (normp norm)"""
        xp, buffer = arrays.array_module(x), self.buffer
        if self.p == 2:
            buffer[...] = x
        else:
            xp.abs(x, out=buffer)
            if self.p < 2:
                buffer += self.eps
            xp.power(buffer, self.p - 2, out=buffer)
            buffer *= x
        buffer *= cross
        xp.multiply(g, self.normp, out=result)
        result -= buffer
        xp.multiply(self.normp, self.norm, out=cross)
        result /= cross

    def _maximumGradient(self, x: Any, g: Any, cross: Any, result: Any) -> None:
        """(norm g - e) / norm^2, where e is x <x, g> / norm at the largest |x| and 0 elsewhere"""
        xp, places = arrays.array_module(x), self._indices - 1
        xp.multiply(g, self.norm, out=result)
        cross *= xp.take_along_axis(x, places, 1) / self.norm
        xp.put_along_axis(result, places, xp.take_along_axis(result, places, 1) - cross, 1)
        xp.multiply(self.norm, self.norm, out=cross)
        result /= cross

    def clearState(self) -> Self:
        utils.clear(self, "buffer", "norm", "normp", "cross", "_indices")
        return super().clearState()

    def __tostring__(self) -> str:
        p = self.p
        return f"nn.Normalize({'inf' if p == inf else str(int(p)) if p == int(p) else f'{p:f}'})"
