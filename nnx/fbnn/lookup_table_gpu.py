from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Whole
from torch7 import arrays, registry
from torch7.random import normal

UNKNOWN = Whole(unk_index=1)


@nn.register
class LookupTableGPU(nn.LookupTable):
    """:class:`nn.LookupTable` of fbcunn: ``N x T`` indices give ``N x T x nOutput``.

    With ``featuresInDim2`` features come before time, ``N x nOutput x T``. Where the field ``unk_index`` is set, that
    index gives zeros and gets no gradient. ``reset(stdv)`` draws weight from N(stdv, 1), 1 by default: fbcunn gives the
    number as the mean. Source: fbcunn.
    """

    featuresInDim2 = False
    unk_index: int | None = None

    def __init__(self, nInput: int, nOutput: int, featuresInDim2: bool | None = None) -> None:
        super().__init__(nInput, nOutput)
        self.nInput, self.nOutput, self.featuresInDim2 = nInput, nOutput, bool(featuresInDim2)

    def reset(self, stdv: float | None = None) -> LookupTableGPU:
        """Draw weight from N(stdv, 1), stdv being 1 by default."""
        normal(self.weight, 1 if stdv is None else stdv, 1)
        return self

    def updateOutput(self, input: Any) -> Any:
        known, unknown = self._known(input)
        if not self.featuresInDim2:
            output = super().updateOutput(known)
            output[unknown] = 0
            return output
        held, self.output = self.output, vars(self).get("_rows")
        self._rows = super().updateOutput(known)
        self._rows[unknown] = 0
        turned = self._rows.swapaxes(-1, -2)
        self.output = self.resized(held, turned.shape)
        self.output[...] = turned
        return self.output

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        known, unknown = self._known(input)
        if self.featuresInDim2:
            gradOutput = self.gradOutputAs(gradOutput, self.output).swapaxes(-1, -2)
        if known is not input:
            gradOutput = self.gradOutputAs(gradOutput, (*input.shape, self.weight.shape[1])).copy()
            gradOutput[unknown] = 0
        super().accGradParameters(known, gradOutput, scale)

    def _known(self, input: Any) -> tuple[Any, Any]:
        """Indices, 1 where they are not known, and which those are; with none the input itself and nothing."""
        if self.unk_index is None or not arrays.is_array(input):
            return input, slice(0, 0)
        unknown = input == UNKNOWN(self)[0]
        return arrays.array_module(input).where(unknown, input.dtype.type(1), input), unknown

    _transient = ("_rows",)


registry.lacking(LookupTableGPU, paddingValue=0)
