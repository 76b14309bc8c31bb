from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..extension import register
from .mse_criterion import MSECriterion


@register
class WeightedMSECriterion(MSECriterion):
    """The mean squared error from a weighted target: ``loss = sum (x_i - w_i t_i)^2 / n``.

    ``weight`` has the shape of the target, or that of its samples, with one dimension less than the input. Input and
    target: tensors of n elements each. ``sizeAverage``, True at first, may be set to False to leave the division out.
    Source: the class of the same name in Torch's nn.
    """

    def __init__(self, weight: Any) -> None:
        super().__init__()
        self.weight = weight.copy()
        self.buffer = arrays.empty()

    def updateOutput(self, input: Any, target: Any) -> float:
        return super().updateOutput(input, self.weighted(input, target))

    def updateGradInput(self, input: Any, target: Any) -> Any:
        return super().updateGradInput(input, self.weighted(input, target))

    def weighted(self, input: Any, target: Any) -> Any:
        """The target times the weights, in ``buffer``."""
        target = self.checkPair(input, target)
        weight = self.weight
        if weight.size != target.size and weight.shape != target.shape[1:]:
            raise ValueError(f"{self}: target is {arrays.describe(target)}, weight {arrays.describe(weight)}")
        if weight.size == target.size:
            weight = weight.reshape(target.shape)
        self.buffer = buffer = arrays.resized(self.buffer, target.shape, target)
        buffer[...] = weight
        return arrays.array_module(target).multiply(buffer, target, out=buffer)
