from __future__ import annotations

from math import sqrt
from typing import Any

import nn
from nn import thnn
from nnx.images import images
from torch7 import arrays, registry
from torch7.random import uniform


@nn.register
class SpatialLinear(nn.Module):
    """A linear map of the planes, the same at every pixel: ``y[k] = bias[k] + sum_c weight[k, c] x[c]``.

    Input: ``fanin x H x W`` or ``N x fanin x H x W``; output ``fanout x H x W``. ``weight`` is ``fanout x fanin``.
    Other ranks and planes raise ``ValueError``. Source: nnx.
    """

    def __init__(self, fanin: int, fanout: int) -> None:
        super().__init__()
        self.fanin, self.fanout, self.weightDecay = fanin, fanout, 0
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = xp.empty((fanout, fanin), dtype), xp.zeros((fanout, fanin), dtype)
        self.bias, self.gradBias = xp.empty(fanout, dtype), xp.zeros(fanout, dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> SpatialLinear:
        """Draw weight, then bias, from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(fanout)."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.weight.shape[0] or 1)
        uniform(self.weight, -bound, bound)
        uniform(self.bias, -bound, bound)
        return self

    def updateOutput(self, input: Any) -> Any:
        x = self._pixels(input)
        weight = thnn.contiguous(self.weight)
        output = self.resizeOutput(input, self._shape(input))
        for sample, y in zip(x, output.reshape(len(x), len(weight), -1)):
            thnn.MM_product(weight, False, sample, False, y)
            y += self.bias[:, None]
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x = self._pixels(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        weight = thnn.contiguous(self.weight)
        g = self._gradients(input, gradOutput, len(x))
        for gradient, target in zip(g, gradInput.reshape(x.shape)):
            thnn.MM_product(weight, True, gradient, False, target)
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        x, scale = self._pixels(input), 1 if scale is None else scale
        g = self._gradients(input, gradOutput, len(x))
        self._product = product = self.resized(vars(self).get("_product"), self.weight.shape)
        for sample, gradient in zip(x, g):
            thnn.MM_product(gradient, False, sample, True, product)
            product *= scale
            self.gradWeight += product
        self.gradBias += scale * g.sum((0, 2))

    _transient = ("_product",)

    def _pixels(self, input: Any) -> Any:
        """``N x fanin x pixels``, contiguous."""
        x = images(self, input)
        if self.weight.ndim != 2 or x.shape[1] != self.weight.shape[1]:
            raise ValueError(f"{self}: input is {arrays.describe(input)}, weight {arrays.describe(self.weight)}")
        self.checkFields(weight=self.weight.shape, bias=self.weight.shape[:1])
        return thnn.contiguous(x).reshape(*x.shape[:2], -1)

    def _shape(self, input: Any) -> tuple[int, ...]:
        return *input.shape[:-3], len(self.weight), *input.shape[-2:]

    def _gradients(self, input: Any, gradOutput: Any, N: int) -> Any:
        return thnn.contiguous(self.gradOutputAs(gradOutput, self._shape(input))).reshape(N, len(self.weight), -1)

    def __tostring__(self) -> str:
        fanout, fanin = self.weight.shape
        return f"{registry.class_name(type(self))}({fanin} -> {fanout})"
