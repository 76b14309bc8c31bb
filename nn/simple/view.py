from __future__ import annotations

from math import prod
from typing import Any, Self

from torch7 import arrays, registry

from .. import utils
from ..constructors import number
from ..extension import register
from ..module import Module


@register
class View(Module):
    """The input seen in other sizes: ``View(s1, s2, ...)``, sizes as numbers or one list, one of them -1 for the rest.

    With ``setNumInputDims(n)`` the last ``n`` dimensions are viewed and those before them are the batch. Without it
    the input is a batch when it has more elements than ``s1 * s2 * ...``. A batch of b gives ``b x s1 x s2 ...``.

    ``output`` looks at the memory of a contiguous input of any type; of another one it is a copy. Sizes that do not
    fit raise ``ValueError``. Source: manual chapter "simple".
    """

    numInputDims: int | None = None

    def __init__(self, *sizes: Any) -> None:
        super().__init__()
        self.resetSize(*sizes)

    def resetSize(self, *sizes: Any) -> Self:
        """View as other sizes from now on; returns the module."""
        size = utils.sizes_of(*sizes)
        if any(s < -1 for s in size):
            raise ValueError(f"size should be positive or -1, got {utils.size_string(size)}")
        if size.count(-1) > 1:
            raise ValueError(f"only one dimension can be at -1, got {utils.size_string(size)}")
        self.size = size
        self.numElements = prod(s for s in size if s >= 0)
        return self

    def setNumInputDims(self, numInputDims: int) -> Self:
        """How many dimensions an input has that is no batch; returns the module."""
        self.numInputDims = number(numInputDims)
        return self

    def updateOutput(self, input: Any) -> Any:
        if not arrays.is_array(input):
            self.checkType(input)
        batch = self._batchSize(input)
        self.output = input.reshape(self.size if batch is None else (batch, *self.size))
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = self.gradOutputAs(gradOutput, input)
        return self.gradInput

    def _batchSize(self, input: Any) -> int | None:
        """How many samples ``input`` holds; None for one that is no batch."""
        ndim, single = input.ndim, self.numInputDims
        if single is not None and not 0 <= single <= ndim:
            raise ValueError(f"{self}: input must have at least {single} dimensions, got {arrays.describe(input)}")
        lead = 0 if single is None else ndim - single
        elements = prod(input.shape[lead:])
        if self.numElements == 0 or elements % self.numElements:
            raise ValueError(
                f"{self}: input view ({utils.size_string(input.shape[lead:])}) and desired view "
                f"({utils.size_string(self.size)}) do not match"
            )
        batch = prod(input.shape[:lead]) * (1 if -1 in self.size else elements // self.numElements)
        return None if batch == 1 and (single is None or ndim <= single) else batch

    def __tostring__(self) -> str:
        return f"nn.View({', '.join(map(str, self.size))})"


@registry.upgrade(View)
def _upgrade(view: View, fields: dict) -> None:
    if fields.get("numElements") is None:
        fields["numElements"] = abs(prod(fields["size"]))
