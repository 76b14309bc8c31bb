"""fbnn's layers that have no gradient for their input."""

from __future__ import annotations

from typing import Any

import nn
from nnx.named import named
from torch7 import arrays


@nn.register
class LinearNoBackprop(nn.Linear):
    """A Linear whose gradient by its input is zero. Source: fbnn."""

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput.fill(0)
        return gradInput


@named("fbnn.Constant")
class Constant(nn.Module):
    """A constant for every sample: ``N x ...`` -> ``N x`` the sizes of ``value``, a tensor or a number.

    The gradient is zero. ``TypeError`` for other values. Source: fbnn.
    """

    def __init__(self, value: Any) -> None:
        super().__init__()
        value = arrays.module_of(self._type).full(1, value, self._dtype) if isinstance(value, int | float) else value
        if not arrays.is_array(value):
            raise TypeError(f"fbnn.Constant: expecting number or tensor, got {arrays.describe(value)}")
        self.value = arrays.cast(value, self._type).copy()

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if not input.ndim:
            raise ValueError(f"{self}: input must be a batch, got {arrays.describe(input)}")
        output = self.resizeOutput(input, (len(input), *self.value.shape))
        output[...] = self.value
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput.fill(0)
        return gradInput
