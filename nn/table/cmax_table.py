from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from .. import utils
from ..extension import register
from ..module import Module
from .operands import gradients, operands


@register
class CMaxTable(Module):
    """The largest of a table of tensors at every position: ``output = max(x1, ..., xn)``.

    gradOutput goes to the tensor that was the largest, the first one of several equal; ``maxIdx`` holds its 1-based
    number. Input: tensors with equal numbers of elements (``ValueError`` otherwise); output in the shape of the first.
    Source: manual chapter "table".
    """

    _transient = ("_mask",)
    _better, _index = "greater", "maxIdx"

    def __init__(self) -> None:
        super().__init__()
        self.gradInput = []

    def updateOutput(self, input: Any) -> Any:
        first, *others = operands(self, input)
        output = self.resizeOutput(first)
        xp = arrays.array_module(output)
        index = self.resized(vars(self).get(self._index), first.shape)
        setattr(self, self._index, index)
        output[...] = first
        index.fill(1)
        mask = self._maskLike(output)
        for i, x in enumerate(others, 2):
            getattr(xp, self._better)(x, output, out=mask)
            xp.copyto(output, x, where=mask)
            xp.copyto(index, index.dtype.type(i), where=mask)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        gradOutput = self.gradOutputAs(gradOutput, getattr(self, self._index).shape)
        xp = arrays.array_module(gradOutput)
        index, mask = getattr(self, self._index), self._maskLike(gradOutput)
        for i, gradInput in enumerate(gradients(self, utils.sequence(input, self)), 1):
            xp.equal(index, index.dtype.type(i), out=mask)
            gradInput.fill(0)
            xp.copyto(gradInput.reshape(mask.shape), gradOutput, where=mask)
        return self.gradInput

    def _maskLike(self, x: Any) -> Any:
        mask = vars(self).get("_mask")
        if type(mask) is not type(x) or mask.shape != x.shape:
            self._mask = mask = arrays.array_module(x).empty(x.shape, bool)
        return mask

    def clearState(self) -> Self:
        utils.clear(self, self._index)
        vars(self).pop("_mask", None)
        return super().clearState()


@register
class CMinTable(CMaxTable):
    """The smallest of a table of tensors at every position: ``output = min(x1, ..., xn)``.

    As :class:`CMaxTable`, with the number of the smallest in ``minIdx``. Errors as there. Source: manual chapter
    "table".
    """

    _better, _index = "less", "minIdx"
