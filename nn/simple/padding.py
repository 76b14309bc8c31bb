from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..extension import register
from ..joining import part
from ..module import Module


@register
class Padding(Module):
    """Inserts ``|pad|`` positions of ``value`` into one dimension: before what is there if ``pad < 0``, else behind it.

    ``dim`` is 1-based; with ``nInputDim`` an input of another number of dimensions is a batch, and ``dim`` is one
    further. ``value`` is 0 by default. ``index`` moves the place: 1, the default, is the very start or end, 2 one
    position further inside. ``gradInput`` is gradOutput at the old positions. A dimension or place that is not there
    raises ``ValueError``. Source: manual chapter "simple".
    """

    nInputDim: int | None = None

    def __init__(
        self,
        dim: int,
        pad: int,
        nInputDim: int | None = None,
        value: float | None = None,
        index: int | None = None,
    ) -> None:
        super().__init__()
        self.dim, self.pad, self.nInputDim = dim, pad, nInputDim
        self.value = 0 if value is None else value
        self.index = 1 if index is None else index

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        axis, start = self._place(input)
        pad, rest = abs(self.pad), input.shape[axis] - start
        output = self.resizeOutput(input, self._padded(input, axis))
        part(output, axis, 0, start)[...] = part(input, axis, 0, start)
        part(output, axis, start, pad).fill(self.value)
        part(output, axis, start + pad, rest)[...] = part(input, axis, start, rest)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        axis, start = self._place(input)
        pad, rest = abs(self.pad), input.shape[axis] - start
        gradOutput = self.gradOutputAs(gradOutput, self._padded(input, axis))
        gradInput = self.resizeGradInput(input, gradOutput)
        part(gradInput, axis, 0, start)[...] = part(gradOutput, axis, 0, start)
        part(gradInput, axis, start, rest)[...] = part(gradOutput, axis, start + pad, rest)
        return gradInput

    def _padded(self, input: Any, axis: int) -> tuple[int, ...]:
        """The output's shape."""
        return (*input.shape[:axis], input.shape[axis] + abs(self.pad), *input.shape[axis + 1 :])

    def _place(self, input: Any) -> tuple[int, int]:
        """The axis, and the 0-based position on it before which the padding comes."""
        axis = self.dim - 1 + (self.nInputDim is not None and input.ndim != self.nInputDim)
        if not 0 <= axis < input.ndim:
            raise ValueError(f"nn.Padding: no dimension {axis + 1} in {arrays.describe(input)}")
        start = input.shape[axis] - self.index + 1 if self.pad > 0 else self.index - 1
        if not 0 <= start <= input.shape[axis]:
            raise ValueError(
                f"nn.Padding: no position {self.index} in dimension {axis + 1} of {arrays.describe(input)}"
            )
        return axis, start
