from __future__ import annotations

from typing import Any, Self

from ..constructors import number
from ..extension import register
from ..module import Module


@register
class Unsqueeze(Module):
    """Inserts a dimension of size 1 at the 1-based ``pos``: ``s1 x s2`` becomes ``s1 x 1 x s2`` for ``Unsqueeze(2)``.

    ``numInputDims`` is how many dimensions an input has that is no batch, by default those of the first input; ``pos``
    counts within them, so larger inputs are batches. ``output`` looks at the memory of a contiguous input. A place
    that is not there raises ``ValueError``. Source: manual chapter "simple".
    """

    numInputDims: int | None = None

    def __init__(self, pos: int, numInputDims: int | None = None) -> None:
        super().__init__()
        if pos is None:
            raise ValueError("nn.Unsqueeze: the position to insert singleton dim not specified")
        self.pos = pos
        self.setNumInputDims(numInputDims)

    def setNumInputDims(self, numInputDims: int | None) -> Self:
        """How many dimensions an input has that is no batch; returns the module."""
        self.numInputDims = number(numInputDims)
        return self

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        axis = self._axis(input)
        self.output = input.reshape((*input.shape[:axis], 1, *input.shape[axis:]))
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(gradOutput, "gradOutput")
        self.gradInput = self.gradOutputAs(gradOutput, input)
        return self.gradInput

    def _axis(self, input: Any) -> int:
        """0-based place of the new dimension."""
        dims = input.ndim if self.numInputDims is None else self.numInputDims
        if dims > input.ndim:
            raise ValueError(f"input feature map dim (numInputDims) must be <= input:dim(): {dims}, {input.ndim}")
        axis = self.pos - 1 + input.ndim - dims
        if not 0 <= axis <= input.ndim:
            raise ValueError(
                f"Invalid position: {self.pos}. input:dim() is {input.ndim}, "
                f"input feature map dim (numInputDims) is {dims}."
            )
        self.numInputDims = dims
        return axis

    def __tostring__(self) -> str:
        return f"nn.Unsqueeze(dim {self.pos})"
