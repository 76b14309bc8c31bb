from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..extension import register
from ..joining import part
from ..module import Module


@register
class Narrow(Module):
    """A range of one dimension: positions ``offset`` to ``offset + length - 1``.

    ``dimension`` is 1-based, from the end if negative. ``length`` is 1 by default; a negative one counts up to the end,
    -1 being the last position. A negative ``offset`` takes everything but the last ``length`` positions. Input of any
    shape and type; positions that are not there raise ``ValueError``. Source: manual chapter "simple".
    """

    def __init__(self, dimension: int, offset: int, length: int | None = None) -> None:
        super().__init__()
        if dimension is None or offset is None:
            raise ValueError("nn.Narrow(dimension, offset, length): dimension and offset are needed")
        self.dimension, self.index, self.length = dimension, offset, 1 if length is None else length

    def updateOutput(self, input: Any) -> Any:
        window = self._window(input)
        self.output = arrays.resized(self.output, window.shape, input)
        self.output[...] = window
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = arrays.resized(self.gradInput, input.shape, input)
        window = self._window(self.gradInput)
        gradOutput = self.gradOutputAs(gradOutput, window)
        self.gradInput.fill(0)
        window[...] = gradOutput
        return self.gradInput

    def _window(self, x: Any) -> Any:
        """The part of ``x`` that is taken."""
        if not arrays.is_array(x):
            self.checkType(x)
        axis = self.dimension + x.ndim if self.dimension < 0 else self.dimension - 1
        if not 0 <= axis < x.ndim:
            raise ValueError(f"nn.Narrow: no dimension {self.dimension} in {arrays.describe(x)}")
        size, start, length = x.shape[axis], self.index, self.length
        if length < 0:
            length += size - start + 2
        if start < 0:
            start, length = 1, size - length
        if not 1 <= start <= start + length - 1 <= size:
            raise ValueError(
                f"nn.Narrow: {length} positions from {start} are not in dimension {axis + 1} of {arrays.describe(x)}"
            )
        return part(x, axis, start - 1, length)
