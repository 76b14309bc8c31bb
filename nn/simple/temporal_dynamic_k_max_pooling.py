from __future__ import annotations

from math import ceil
from typing import Any, Self

import numpy as np

from torch7 import arrays

from ..extension import register
from ..module import Module


@register
class TemporalDynamicKMaxPooling(Module):
    """Keeps the k largest values of every feature of a sequence, in their order in time.

    ``k = max(minK, ceil(factor * T))``, ``factor`` being 0 by default. Input: a sequence, ``T x F``, or a batch,
    ``N x T x F``; output ``k x F`` or ``N x k x F``. ``indices`` holds the 1-based times of the values kept; of equal
    values earlier ones come first. ``ValueError`` where T < k, and for other ranks. Source: manual chapter "simple".
    """

    def __init__(self, minK: int, factor: float | None = None) -> None:
        super().__init__()
        self.minK = minK
        self.factor = 0 if factor is None else factor
        self.indices = np.empty(0, np.int64)

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim not in (2, 3):
            raise ValueError(f"{self}: Only 2D or 3D(batch mode) accepted, got {arrays.describe(input)}")
        xp, axis = arrays.array_module(input), input.ndim - 2
        length = input.shape[axis]
        k = max(self.minK, ceil(self.factor * length))
        if length < k:
            raise ValueError(f"Input sequence length ({length}) too small for desired k value ({k})")
        places = xp.argsort(-input, axis=axis, kind="stable")
        places = xp.sort(places[:, :k] if axis else places[:k], axis=axis)
        self.output = self.resized(self.output, places.shape, input)
        self.output[...] = xp.take_along_axis(input, places, axis)
        self.indices = places + 1
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        self.checkType(input)
        shape = self.indices.shape
        if (*shape[:-2], *shape[-1:]) != (*input.shape[:-2], *input.shape[-1:]):
            raise ValueError(f"{self}: indices are {shape}, input {arrays.describe(input)}; call forward first")
        if self.indices.size and not 1 <= self.indices.min() <= self.indices.max() <= input.shape[-2]:
            raise ValueError(f"{self}: indices lie outside of {arrays.describe(input)}; call forward with this input")
        gradOutput = self.gradOutputAs(gradOutput, shape)
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput.fill(0)
        arrays.array_module(input).put_along_axis(gradInput, self.indices - 1, gradOutput, input.ndim - 2)
        return gradInput

    def clearState(self) -> Self:
        self.indices = self.indices[:0].reshape(-1).copy()
        return super().clearState()
