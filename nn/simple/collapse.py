from __future__ import annotations

from typing import Any

from ..extension import register
from ..module import Module


@register
class Collapse(Module):
    """Joins dimensions: an input of ``nInputDim`` dimensions becomes a vector, a batch of such a matrix ``N x ...``.

    ``output`` looks at the memory of a contiguous input; of another one it is a copy. ``TypeError`` for a tensor of
    another type, ``ValueError`` for a gradOutput of another size. Source: manual chapter "simple".
    """

    def __init__(self, nInputDim: int) -> None:
        super().__init__()
        self.nInputDim = nInputDim

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        self.output = input.reshape((input.shape[0], -1) if input.ndim > self.nInputDim else (-1,))
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(gradOutput, "gradOutput")
        self.gradInput = self.gradOutputAs(gradOutput, input)
        return self.gradInput
