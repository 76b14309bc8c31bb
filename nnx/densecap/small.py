"""Small layers of densecap: a penalty on the way, and the positive rows of a batch."""

from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Real
from nnx.tables import gradients
from torch7 import arrays, registry

FACTORS = Real("w", "gradMul")


@nn.register
class RegularizeLayer(nn.Module):
    """Passes its input and adds the gradient of ``loss = w / 2 sum x^2``: ``gradInput = gradMul gradOutput + w x``.

    The last loss is in the field ``loss``. ``gradMul`` is 1 by default. Source: densecap.
    """

    loss = 0

    def __init__(self, weight: float, gradMul: float | None = None) -> None:
        super().__init__()
        self.w, self.gradMul = weight, 1.0 if gradMul is None else gradMul
        FACTORS(self)

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        w, _ = FACTORS(self)
        self.loss = 0.5 * w * float((input.astype("float64") ** 2).sum()) if w else 0.0
        self.output = input
        return input

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        w, gradMul = FACTORS(self)
        gradInput = self.resizeGradInput(input, gradOutput)
        arrays.array_module(input).multiply(self.gradOutputAs(gradOutput, input), gradMul, out=gradInput)
        if w:
            gradInput += w * input
        return gradInput


@nn.register
class PosSlicer(nn.Module):
    """The first rows: ``{features, gt}`` -> the first P rows of features, P being the number of rows of ``gt``.

    All of them where ``gt`` has no elements, as in evaluation. The gradient is that of the features with zeros behind,
    and an empty tensor. ``ValueError`` where ``gt`` is longer. Source: densecap.
    """

    def updateOutput(self, input: Any) -> Any:
        features, count = self._slice(input)
        self.output = features[:count]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        features, count = self._slice(input)
        self.checkType(gradOutput, "gradOutput")
        gradient, nothing = gradients(self, (features, input[1]))
        gradient[:count] = self.gradOutputAs(gradOutput, features[:count].shape)
        gradient[count:] = 0
        nothing.fill(0)
        return self.gradInput

    def _slice(self, input: Any) -> tuple[Any, int]:
        if not nn.utils.is_table(input) or len(input) != 2 or not all(map(arrays.is_array, input)):
            raise TypeError(f"{self}: input must be a table of features and gt, got {arrays.describe(input)}")
        features, gt = input
        self.checkType(features)
        count = len(gt) if gt.size else len(features)
        if count > len(features):
            raise ValueError(f"{self}: there are {len(gt)} rows of gt for {arrays.describe(features)}")
        return features, count


registry.lacking(RegularizeLayer, gradMul=1)
