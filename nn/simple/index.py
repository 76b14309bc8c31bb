from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from torch7 import arrays

from .. import thnn, utils
from ..extension import register
from ..module import Module
from ..whole import whole


@register
class Index(Module):
    """Picks positions of one dimension: input ``[tensor, index]``, output the slices of ``tensor`` at ``index``.

    ``dimension`` is 1-based; ``index`` is a vector of 1-based positions, of any integer or float type, which may
    repeat: then their gradients add up. ``gradInput`` is ``[gradient, zeros]``. Positions that are not there raise
    ``IndexError``. Source: manual chapter "simple".
    """

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.dimension = dimension
        self.gradInput: Any = [arrays.empty(self._type), arrays.empty(self._type)]

    def updateOutput(self, input: Any) -> Any:
        tensor, places, axis = self._parts(input)
        shape = tensor.shape[:axis] + places.shape + tensor.shape[axis + 1 :]
        self.output = self.resized(self.output, shape, *input)
        arrays.array_module(tensor).take(tensor, places, axis, out=self.output, mode="clip")
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        tensor, places, axis = self._parts(input)
        shape = tensor.shape[:axis] + places.shape + tensor.shape[axis + 1 :]
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, shape))
        gradient, zeros = self.gradInput if utils.is_table(self.gradInput) and self.gradInput else (None, None)
        gradient, zeros = (
            self.resized(g, x.shape, *input, gradOutput) for g, x in zip((gradient, zeros), (tensor, places))
        )
        gradient.fill(0)
        zeros.fill(0)
        thnn.Index_updateGradInput(gradOutput, gradient, places, axis)
        self.gradInput = [gradient, zeros]
        return self.gradInput

    def _parts(self, input: Any) -> tuple[Any, Any, int]:
        """The tensor, the positions (0-based) and the axis they are on."""
        if not utils.is_table(input) or len(input) != 2:
            raise TypeError(f"nn.Index: input must be a tensor and an index, got {arrays.describe(input)}")
        tensor, index = input
        self.checkType(tensor)
        if not arrays.is_array(index) or index.ndim != 1:
            raise TypeError(f"nn.Index: the index must be a 1-dimensional tensor, got {arrays.describe(index)}")
        if not 1 <= self.dimension <= tensor.ndim:
            raise ValueError(f"nn.Index: no dimension {self.dimension} in {arrays.describe(tensor)}")
        places = whole(self, index, "indices") - 1
        size = tensor.shape[self.dimension - 1]
        if places.size and isinstance(places, np.ndarray):
            if not (places.min() >= 0 and places.max() < size):
                _refuse(places, size)
        elif places.size:  # on a GPU it is told later
            given = places
            thnn.suspect((places < 0) | (places >= size), lambda place: _refuse(given, size))
            places = places.clip(0, size - 1)
        return tensor, places, self.dimension - 1


def _refuse(places: Any, size: int) -> NoReturn:
    low, high = int(places.min()) + 1, int(places.max()) + 1
    raise IndexError(f"nn.Index: index out of range 1..{size}: {low}..{high}")
