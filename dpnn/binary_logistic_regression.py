from __future__ import annotations

from typing import Any

import nn
from nn import thnn
from torch7 import arrays


class LogisticRegression(nn.Criterion):
    """Base: ``loss = sum of log(1 + exp(-target * input)) / divisor(input)``, targets being -1 or 1."""

    def check(self, input: Any, target: Any) -> None:
        """Raise ``ValueError`` for sizes that do not fit."""
        raise NotImplementedError

    def divisor(self, input: Any) -> float:
        raise NotImplementedError

    def updateOutput(self, input: Any, target: Any) -> float:
        product = self._product(input, target)
        total = arrays.array_module(input).logaddexp(0, -product).sum()
        self.output = thnn.number(total) / (self.divisor(input) or 1)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        product = self._product(input, target)
        xp = arrays.array_module(input)
        xp.exp(-xp.logaddexp(0, product), out=product)  # e^-z / (1 + e^-z) = e^-log(1 + e^z)
        gradInput = self.resizeGradInput(input, target)
        xp.multiply(product, target.reshape(input.shape), out=gradInput)
        gradInput /= -(self.divisor(input) or 1)
        return gradInput

    def _product(self, input: Any, target: Any) -> Any:
        self.checkType(input)
        self.checkType(target, "target")
        self.check(input, target)
        return input * target.reshape(input.shape)


@nn.register
class BinaryLogisticRegression(LogisticRegression):
    """The logistic loss of scores for two classes: ``sum of log(1 + exp(-target * input))``.

    Input and target: n elements, ``n x 1`` or ``1 x n``; targets are -1 or 1. While ``sizeAverage`` is True (default)
    the loss is divided by n. Other sizes raise ``ValueError``.
    Source: manual of dpnn; Pinheiro et al. (2015), Learning to segment object candidates.
    """

    def __init__(self, sizeAverage: bool | None = None) -> None:
        super().__init__()
        self.sizeAverage = sizeAverage is not False

    def check(self, input: Any, target: Any) -> None:
        for x in (input, target):
            if x.ndim not in (1, 2) or x.size not in x.shape:
                raise ValueError(f"{self}: input and target must be vectors, got {arrays.describe(x)}")
        if input.size != target.size:
            sizes = f"{arrays.describe(input)} and {arrays.describe(target)}"
            raise ValueError(f"{self}: input and target have different numbers of elements: {sizes}")

    def divisor(self, input: Any) -> float:
        return input.size if self.sizeAverage else 1


@nn.register
class SpatialBinaryLogisticRegression(LogisticRegression):
    """The logistic loss of a map of scores: ``sum of log(1 + exp(-target * input)) / (2 h w)``.

    Input and target: ``1 x h x w`` or ``k x 1 x h x w``; targets are -1 or 1. While ``sizeAverage`` is True (default)
    the loss is also divided by k. Other sizes raise ``ValueError``.
    Source: manual of dpnn; Pinheiro et al. (2015), Learning to segment object candidates.
    """

    def __init__(self) -> None:
        super().__init__()
        self.sizeAverage = True

    def check(self, input: Any, target: Any) -> None:
        if input.shape != target.shape:
            sizes = f"{arrays.describe(input)} and {arrays.describe(target)}"
            raise ValueError(f"{self}: input and target are of different sizes: {sizes}")
        if input.ndim not in (3, 4) or input.shape[-3] != 1:
            raise ValueError(f"{self}: input must be k x 1 x h x w, got {arrays.describe(input)}")

    def divisor(self, input: Any) -> float:
        h, w = input.shape[-2:]
        return 2 * h * w * (len(input) if self.sizeAverage else 1)
