from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from torch7 import arrays

from ..extension import register
from ..module import Module


@register
class Constant(Module):
    """Gives the same tensor for every input: ``output = value``, ``gradInput = 0``.

    ``value`` is a tensor or a number. With ``nInputDim`` an input of more dimensions is a batch, and ``value`` is
    repeated for each of its N samples: ``N x ...``. ``TypeError`` for a tensor of another type. Source: manual chapter
    "simple".
    """

    nInputDim: int | None = None

    def __init__(self, value: Any, nInputDim: int | None = None) -> None:
        super().__init__()
        if arrays.is_array(value):
            self.value = value.copy()
        elif isinstance(value, Real):
            self.value = arrays.cast(np.array([value]), self._type)
        else:
            raise TypeError(f"nn.Constant: value must be a number or a tensor, got {arrays.describe(value)}")
        self.nInputDim = nInputDim

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        batched = self.nInputDim is not None and input.ndim > self.nInputDim
        shape = (input.shape[0], *self.value.shape) if batched else self.value.shape
        self.output = self.resized(self.output, shape, self.value, input)
        self.output[...] = self.value
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput.fill(0)
        return gradInput
