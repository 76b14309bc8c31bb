from __future__ import annotations

from math import sqrt
from numbers import Integral
from typing import Any, Self

from torch7 import arrays
from torch7.random import uniform

from .. import thnn, utils
from ..extension import register
from ..module import Module


@register
class Bilinear(Module):
    """A bilinear form of two inputs: ``y_k = x1 W_k x2 + b_k``.

    Input ``[x1, x2]``: batches, ``N x inputSize1`` and ``N x inputSize2``; output ``N x outputSize``. ``weight`` is
    ``outputSize x inputSize1 x inputSize2``; ``bias``, ``outputSize`` elements, is left out when ``bias`` is False.
    Other inputs raise ``TypeError`` or ``ValueError``. Source: manual chapter "simple".
    """

    def __init__(self, inputSize1: int, inputSize2: int, outputSize: int, bias: bool | None = None) -> None:
        super().__init__()
        sizes = outputSize, inputSize1, inputSize2
        for size in sizes:
            if isinstance(size, bool) or not isinstance(size, Integral) or size < 1:
                raise ValueError(f"nn.Bilinear: sizes must be positive whole numbers, got {size!r}")
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = xp.empty(sizes, dtype), xp.zeros(sizes, dtype)
        if bias is not False:
            self.bias, self.gradBias = xp.empty(outputSize, dtype), xp.zeros(outputSize, dtype)
        self.gradInput: Any = [arrays.empty(self._type), arrays.empty(self._type)]
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight, then bias, from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(inputSize1)."""
        if stdv is not None and not stdv > 0:
            raise ValueError(f"{self}: standard deviation must be positive, got {stdv}")
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.weight.shape[1] or 1)
        uniform(self.weight, -bound, bound)
        if self.bias is not None:
            uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        x1, x2 = self._pair(input)
        self.checkFields(bias=self.weight.shape[:1])
        output = self.resizeOutput(x1, (len(x1), len(self.weight)))
        half = self._buffer(x2)
        for k, w in enumerate(thnn.contiguous(self.weight)):
            thnn.Linear_updateGradInput(x1, half, w)
            half *= x2
            half.sum(1, out=output[:, k])
        if self.bias is not None:
            output += self.bias
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        x1, x2 = self._pair(input)
        gradOutput = self.gradOutputAs(gradOutput, (len(x1), len(self.weight)))
        old = self.gradInput if len(self.gradInput) == 2 else (None, None)
        g1, g2 = self.gradInput = [self.resized(g, x.shape, x1, x2, gradOutput) for g, x in zip(old, (x1, x2))]
        g1.fill(0)
        g2.fill(0)
        left, right = self._buffer(x1, "_left"), self._buffer(x2)
        for k, w in enumerate(thnn.contiguous(self.weight)):
            g = gradOutput[:, k : k + 1]
            thnn.Linear_updateOutput(x2, left, w, None)
            left *= g
            g1 += left
            thnn.Linear_updateGradInput(x1, right, w)
            right *= g
            g2 += right
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        x1, x2 = self._pair(input)
        gradOutput = self.gradOutputAs(gradOutput, (len(x1), len(self.weight)))
        self.checkFields(gradWeight=self.weight.shape, gradBias=self.weight.shape[:1])
        scale = 1 if scale is None else scale
        left = self._buffer(x1, "_left")
        gradWeight = thnn.contiguous(self.gradWeight)
        for k, gradient in enumerate(gradWeight):
            arrays.array_module(x1).multiply(x1, gradOutput[:, k : k + 1], out=left)
            thnn.Linear_accGradParameters(x2, left, gradient, None, scale)
        thnn.copy_back(gradWeight, self.gradWeight)
        if self.gradBias is not None:
            self.gradBias += scale * gradOutput.sum(0)

    def _pair(self, input: Any) -> tuple[Any, Any]:
        """The two inputs, contiguous, after a check of their shapes."""
        if not utils.is_table(input) or len(input) != 2:
            raise TypeError(f"{self}: input must be a pair of tensors, got {arrays.describe(input)}")
        for x in (*input, self.weight):
            self.checkType(x)
        x1, x2 = input
        fits = x1.ndim == x2.ndim == 2 and len(x1) == len(x2)
        if not fits or (x1.shape[1], x2.shape[1]) != self.weight.shape[1:]:
            _, n1, n2 = self.weight.shape
            raise ValueError(f"{self}: input must be N x {n1} and N x {n2}, got {arrays.describe(input)}")
        return thnn.contiguous(x1), thnn.contiguous(x2)

    def _buffer(self, like: Any, name: str = "_right") -> Any:
        """The scratch array ``name`` in the shape of ``like``."""
        buffer = self.resized(vars(self).get(name), like.shape)
        setattr(self, name, buffer)
        return buffer

    def clearState(self) -> Self:
        vars(self).pop("_left", None)
        vars(self).pop("_right", None)
        return super().clearState()

    def __tostring__(self) -> str:
        outputSize, n1, n2 = self.weight.shape
        return f"nn.Bilinear({n1}x{n2} -> {outputSize}) {'' if self.bias is not None else ' without bias'}"
