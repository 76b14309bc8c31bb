"""waifu2x's losses: of inputs cut to an interval, their gradient passing where they were cut."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nnx.named import named
from torch7 import arrays


class Clipped(nn.Criterion):
    """Base of losses of ``clamp(input) - target``."""

    def difference(self, input: Any, target: Any, low: float, high: float) -> Any:
        target = self.checkPair(input, target)
        self.diff = diff = arrays.resized(vars(self).get("diff"), input.shape, input)
        arrays.array_module(input).clip(input, low, high, out=diff)
        diff -= target
        return diff


@named("w2nn.ClippedMSECriterion")
class ClippedMSECriterion(Clipped):
    """``loss = mean (clamp(x, min, max) - t)^2``; the gradient is ``(clamp(x, min, max) - t) / n``, half the
    derivative.

    Source: waifu2x.
    """

    def __init__(self, min: float, max: float) -> None:
        super().__init__()
        self.min, self.max = min, max
        self.diff, self.diff_pow2 = arrays.empty(), arrays.empty()

    def updateOutput(self, input: Any, target: Any) -> float:
        diff = self.difference(input, target, self.min, self.max)
        self.output = float((diff.astype(np.float64) ** 2).sum()) / max(input.size, 1)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        diff = self.difference(input, target, self.min, self.max)
        gradInput = self.resizeGradInput(input, target)
        return arrays.array_module(input).multiply(diff, 1 / max(input.size, 1), out=gradInput)


@named("w2nn.ClippedWeightedHuberCriterion")
class ClippedWeightedHuberCriterion(Clipped):
    """Huber's loss of ``d = w (clamp(x, clip) - t)``: ``d^2 / 2`` below ``gamma`` (1), ``gamma (|d| - gamma / 2)``
    above.

    The mean over all elements. Input and target: ``N x ...``, ``w`` as large as a sample; ``clip``: the interval. The
    gradient is that by ``d``, without w, as waifu2x has it. Source: waifu2x.
    """

    def __init__(self, w: Any, gamma: float | None = None, clip: Any = None) -> None:
        super().__init__()
        self.clip, self.gamma = [0.0, 1.0] if clip is None else list(clip), 1.0 if gamma is None else gamma
        self.weight = w.copy()
        self.diff = arrays.empty()

    def updateOutput(self, input: Any, target: Any) -> float:
        size = abs(self._weighted(input, target)).astype(np.float64)
        loss = np.where(size < self.gamma, size**2 / 2, self.gamma * (size - self.gamma / 2))
        self.output = float(loss.sum()) / max(input.size, 1)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        diff = self._weighted(input, target)
        gradInput = self.resizeGradInput(input, target)
        arrays.array_module(input).clip(diff, -self.gamma, self.gamma, out=gradInput)
        gradInput *= 1 / max(input.size, 1)
        return gradInput

    def _weighted(self, input: Any, target: Any) -> Any:
        diff = self.difference(input, target, *self.clip)
        if not len(input) or self.weight.size != input[0].size:
            raise ValueError(f"{self}: weights {arrays.describe(self.weight)} for {arrays.describe(input)}")
        diff *= self.weight.reshape(input.shape[1:])
        return diff
