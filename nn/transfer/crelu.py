from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import thnn
from ..containers.sequential import Sequential
from ..extension import register
from ..simple.identity import Identity
from ..table.concat_table import ConcatTable
from ..table.join_table import JoinTable
from .mul_constant import MulConstant
from .relu import ReLU


@register
class CReLU(Sequential):
    """Both sides rectified: ``y = (max(0, x), max(0, -x))``, joined along the first dimension of a sample.

    Input: a sample of ``nInputDims`` dimensions or a batch of them; other ranks raise ``ValueError``. The output is
    twice as large in dimension 1, of a batch in dimension 2. ``inplace`` is that of the ReLU inside. Source: manual
    chapter "transfer"; Shang, Sohn, Almeida and Lee 2016.
    """

    def __init__(self, nInputDims: int, inplace: bool | None = None) -> None:
        super().__init__()
        self.nInputDims = nInputDims
        self.inplace = bool(inplace)
        self.add(ConcatTable().add(Identity()).add(MulConstant(-1)))
        self.add(JoinTable(2))
        self.add(ReLU(inplace))

    def updateOutput(self, input: Any) -> Any:
        rows = self.rows(input)
        first, *rest = input.shape if input.ndim == self.nInputDims else input.shape[1:]
        batch = input.shape[: input.ndim - self.nInputDims]
        self.output = super().updateOutput(rows).reshape(*batch, 2 * first, *rest)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        rows = self.rows(input)
        self.checkType(gradOutput, "gradOutput")
        if gradOutput.size != 2 * input.size:
            raise ValueError(f"{self}: gradOutput is {arrays.describe(gradOutput)}, input {arrays.describe(input)}")
        gradOutput = thnn.contiguous(gradOutput).reshape(len(rows), -1)
        self.gradInput = super().updateGradInput(rows, gradOutput).reshape(input.shape)
        return self.gradInput

    def backward(self, input: Any, gradOutput: Any, scale: float | None = None) -> Any:
        return self.updateGradInput(input, gradOutput)

    def rows(self, input: Any) -> Any:
        """The input with each sample in a row."""
        self.checkType(input)
        if input.ndim not in (self.nInputDims, self.nInputDims + 1):
            raise ValueError(f"{self}: {self.nInputDims} dimensions or a batch expected, got {arrays.describe(input)}")
        return thnn.contiguous(input).reshape(1 if input.ndim == self.nInputDims else len(input), -1)

    def __tostring__(self) -> str:
        return "CReLU()"
