from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..extension import register
from ..module import Module


@register
class Replicate(Module):
    """Repeats the input ``nFeature`` times along a new dimension, without a copy.

    The new dimension is the 1-based ``dim``, 1 by default; with ``ndim`` an input of more dimensions than that is a
    batch, and the new dimension is one further. ``s1 x s2`` becomes ``nFeature x s1 x s2``. ``gradInput`` is the sum
    over the repetitions. ``ValueError`` unless ``dim > 0`` and the input has ``dim - 1`` dimensions.
    Source: manual chapter "simple".
    """

    ndim: int | None = None

    def __init__(self, nFeature: int, dim: int | None = None, ndim: int | None = None) -> None:
        super().__init__()
        self.nfeatures = nFeature
        self.dim = 1 if dim is None else dim
        self.ndim = ndim
        if self.dim < 1:
            raise ValueError(f"Can only replicate across positive integer dimensions, got {dim}")

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        axis = self._axis(input)
        shape = (*input.shape[:axis], self.nfeatures, *input.shape[axis:])
        single = input.reshape((*input.shape[:axis], 1, *input.shape[axis:]))
        self.output = arrays.array_module(input).broadcast_to(single, shape)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        axis = self._axis(input)
        shape = (*input.shape[:axis], self.nfeatures, *input.shape[axis:])
        if gradOutput.size != self.nfeatures * input.size:
            self.gradOutputAs(gradOutput, self.output)
        gradOutput.reshape(shape).sum(axis, out=gradInput)
        return gradInput

    def _axis(self, input: Any) -> int:
        """0-based place of the new dimension."""
        axis = self.dim - 1 + (self.ndim is not None and input.ndim > self.ndim)
        if axis > input.ndim:
            raise ValueError(
                f"Not enough input dimensions to replicate along dimension {axis + 1}: {arrays.describe(input)}"
            )
        return axis
