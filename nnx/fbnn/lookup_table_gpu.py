from __future__ import annotations

from typing import Any

import nn
from torch7 import registry


@nn.register
class LookupTableGPU(nn.LookupTable):
    """:class:`nn.LookupTable` of fbcunn: ``N x T`` indices give ``N x T x nOutput``.

    With ``featuresInDim2`` features come before time, ``N x nOutput x T``. Source: fbcunn.
    """

    featuresInDim2 = False

    def __init__(self, nInput: int, nOutput: int, featuresInDim2: bool | None = None) -> None:
        super().__init__(nInput, nOutput)
        self.nInput, self.nOutput, self.featuresInDim2 = nInput, nOutput, bool(featuresInDim2)

    def updateOutput(self, input: Any) -> Any:
        if not self.featuresInDim2:
            return super().updateOutput(input)
        held, self.output = self.output, vars(self).get("_rows")
        self._rows = super().updateOutput(input)
        turned = self._rows.swapaxes(-1, -2)
        self.output = self.resized(held, turned.shape)
        self.output[...] = turned
        return self.output

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        if self.featuresInDim2:
            gradOutput = self.gradOutputAs(gradOutput, self.output).swapaxes(-1, -2)
        super().accGradParameters(input, gradOutput, scale)

    _transient = ("_rows",)


registry.lacking(LookupTableGPU, paddingValue=0)
