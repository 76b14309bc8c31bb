from __future__ import annotations

from numbers import Real
from typing import Any, NoReturn

import numpy as np

from torch7 import arrays

from .. import thnn
from ..extension import register
from ..module import Module
from ..whole import whole


@register
class OneHot(Module):
    """Turns indices into vectors that are 1 at the index and 0 elsewhere.

    Input: 1-based indices, a tensor of any shape and of any integer or float type, or a number; output of that shape
    with a last dimension of ``outputSize``. ``gradInput`` is 0. An index out of range raises ``IndexError``.
    Source: manual chapter "simple".
    """

    def __init__(self, outputSize: int) -> None:
        super().__init__()
        self.outputSize = outputSize

    def updateOutput(self, input: Any) -> Any:
        xp = arrays.module_of(self._type)
        if not arrays.is_array(input) and not isinstance(input, Real):
            raise TypeError(f"{self}: input must be a tensor of indices or a number, got {arrays.describe(input)}")
        places = whole(self, xp.asarray(input), "indices") - 1
        if places.size and isinstance(places, np.ndarray):
            if not (places.min() >= 0 and places.max() < self.outputSize):
                self._refuse(places)
        elif places.size:  # on a GPU it is told later
            thnn.suspect((places < 0) | (places >= self.outputSize), lambda place: self._refuse(places))
            places = places.clip(0, self.outputSize - 1)
        self.output = self.resized(self.output, (*places.shape, self.outputSize), input)
        self.output.fill(0)
        self.output.reshape(-1, self.outputSize)[xp.arange(places.size), places.reshape(-1)] = 1
        return self.output

    def _refuse(self, places: Any) -> NoReturn:
        low, high = int(places.min()) + 1, int(places.max()) + 1
        raise IndexError(f"{self}: index out of range 1..{self.outputSize}: {low}..{high}")

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = self.resized(self.gradInput, getattr(input, "shape", (1,)), input, gradOutput)
        self.gradInput.fill(0)
        return self.gradInput if arrays.is_array(input) else 0
