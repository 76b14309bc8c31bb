"""What losses share that are sums over pairs of elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch7 import arrays

from .. import thnn
from ..criterion_base import Criterion
from ..numbers import SETTINGS, proved


class ElementwiseCriterion(Criterion):
    """Base of losses ``sum_i f(x_i, t_i)``, divided by the number of elements unless ``sizeAverage`` is False."""

    sizeAverage: bool | None = True

    def __init__(self, sizeAverage: bool | None = None) -> None:
        super().__init__()
        self.sizeAverage = True if sizeAverage is None else sizeAverage

    def norm(self, input: Any) -> float:
        """What the sum is multiplied by."""
        return 1 / max(input.size, 1) if self.sizeAverage else 1.0

    def loss(self, kernel: Callable, input: Any, target: Any, *parameters: Any) -> float:
        """The loss, from ``kernel(input, target, *parameters)``, which gives the sum."""
        parameters = self.proved(parameters)
        total = kernel(thnn.contiguous(input), thnn.contiguous(target), *parameters)
        self.output = total = total * self.norm(input)
        return total

    def proved(self, parameters: tuple) -> tuple:
        """``parameters`` as kernels take them: None, contiguous weights of the criterion's type, numbers."""
        if not parameters or all(type(x) in SETTINGS for x in parameters):
            return parameters
        return tuple(self.weightsOrNumber(x) for x in parameters)

    def weightsOrNumber(self, x: Any) -> Any:
        if arrays.is_array(x) and x.ndim:
            self.checkType(x, "weights")
            return thnn.contiguous(x)
        return x if x is None else proved(self, (x,))[0]

    def gradient(self, kernel: Callable, input: Any, target: Any, *parameters: Any) -> Any:
        """gradInput, filled by ``kernel(input, target, gradInput, *parameters, norm)``."""
        parameters = self.proved(parameters)
        gradInput = self.resizeGradInput(input, target)
        kernel(thnn.contiguous(input), thnn.contiguous(target), gradInput, *parameters, self.norm(input))
        return gradInput
