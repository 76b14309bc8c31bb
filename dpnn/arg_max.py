from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays


@nn.register
class ArgMax(nn.Module):
    """The 1-based index of the largest element along a dimension, of the first one where several are largest.

    ``dim`` (1) counts without the batch: an input of more than ``nInputDim`` dimensions has one more before it. The
    output lacks that dimension; of a vector it has one element. It is int64 (a LongTensor), or with ``asLong`` False of
    the module's type. ``gradInput`` is 0. ``ValueError`` where the input lacks the dimension.
    Source: manual of dpnn.
    """

    def __init__(self, dim: int | None = None, nInputDim: int | None = None, asLong: bool | None = None) -> None:
        super().__init__()
        self.dim = 1 if dim is None else dim
        self.nInputDim = 9999 if nInputDim is None else nInputDim
        self.asLong = asLong is not False
        if self.asLong:
            self.output = self.output.astype("int64")

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        xp = arrays.array_module(input)
        axis = self.dim - 1 + (input.ndim > self.nInputDim)
        if not 0 <= axis < input.ndim or not input.size:
            raise ValueError(f"nn.ArgMax of dimension {axis + 1}, got {arrays.describe(input)}")
        indices = xp.argmax(input, axis).reshape(input.shape[:axis] + input.shape[axis + 1 :] or (1,))
        dtype = indices.dtype if self.asLong else self._dtype
        self.output = arrays.resized(self.output, indices.shape, xp.empty(0, dtype))
        return xp.add(indices, 1, out=self.output, casting="unsafe")

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(input)
        self.gradInput = self.resized(self.gradInput, input.shape, input, self.output)
        self.gradInput.fill(0)
        return self.gradInput
