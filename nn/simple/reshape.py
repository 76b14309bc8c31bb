from __future__ import annotations

from math import prod
from typing import Any

from .. import utils
from ..extension import register
from ..module import Module


@register
class Reshape(Module):
    """The elements of the input in other sizes: ``Reshape(s1, s2, ...)``.

    The whole input becomes ``s1 x s2 x ...``, or, as a batch, ``N x ...`` becomes ``N x s1 x s2 x ...``. A last
    argument ``batchMode`` decides between the two; without it, an input of just ``s1 * s2 * ...`` elements whose first
    size is not 1 is no batch, any other is. Sizes may be numbers or one list; one of them may be -1, for what is left.

    ``output`` looks at the memory of a contiguous input; of another one it is a copy. Sizes that do not fit raise
    ``ValueError``. Source: manual chapter "simple".
    """

    batchMode: bool | None = None

    def __init__(self, *sizes: Any) -> None:
        super().__init__()
        if sizes and (sizes[-1] is None or isinstance(sizes[-1], bool)):
            self.batchMode = sizes[-1]
            sizes = sizes[:-1]
        self.size = utils.sizes_of(*sizes)
        self.nelement = prod(self.size)

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        single = self.batchMode is False or (
            self.batchMode is None and input.size == self.nelement and input.shape[0] != 1
        )
        shape = self.size if single else (input.shape[0], *self.size)
        try:
            self.output = input.reshape(shape)
        except ValueError:
            raise ValueError(
                f"{self}: wrong size for view. Input size: {utils.size_string(input.shape)}. "
                f"Output size: {utils.size_string(shape)}"
            ) from None
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(gradOutput, "gradOutput")
        self.gradInput = self.gradOutputAs(gradOutput, input)
        return self.gradInput

    def __tostring__(self) -> str:
        return f"nn.Reshape({utils.size_string(self.size)})"
