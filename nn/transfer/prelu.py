from __future__ import annotations

from math import prod
from typing import Any

from torch7 import arrays

from .. import thnn
from ..extension import register
from ..module import Module


@register
class PReLU(Module):
    """A rectifier with learned slopes: ``y = x`` where ``x > 0``, else ``w x``; ``dy/dx`` is 1 or ``w``.

    ``weight``, 0.25 at first, is one slope for all elements, or one for each of ``nOutputPlane`` planes: dimension 1 of
    a vector, dimension 2 of other inputs; another number of planes raises ``ValueError``. Output of the input's shape.
    Source: manual chapter "transfer"; He, Zhang, Ren and Sun 2015.
    """

    def __init__(self, nOutputPlane: int | None = None) -> None:
        super().__init__()
        self.nOutputPlane = nOutputPlane or 0
        xp = arrays.module_of(self._type)
        self.weight = xp.full(self.nOutputPlane or 1, 0.25, self._dtype)
        self.gradWeight = xp.zeros(self.nOutputPlane or 1, self._dtype)

    def updateOutput(self, input: Any) -> Any:
        shape = self.planes(input)
        output = self.resizeOutput(input)
        thnn.PReLU_updateOutput(thnn.contiguous(input).reshape(shape), output.reshape(shape), self.weight)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        shape = self.planes(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        g = thnn.contiguous(self.gradOutputAs(gradOutput, input)).reshape(shape)
        thnn.PReLU_updateGradInput(thnn.contiguous(input).reshape(shape), g, gradInput.reshape(shape), self.weight)
        return gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        shape = self.planes(input)
        self.checkFields(gradWeight=self.weight.shape)
        self.checkType(gradOutput, "gradOutput")
        g = thnn.contiguous(self.gradOutputAs(gradOutput, input)).reshape(shape)
        x = thnn.contiguous(input).reshape(shape)
        thnn.PReLU_accGradParameters(x, g, self.gradWeight, 1 if scale is None else scale)

    def planes(self, input: Any) -> tuple[int, int, int]:
        """Samples, planes and elements of a plane."""
        self.checkType(input)
        self.checkFields(weight=(self.nOutputPlane or 1,))
        if not self.nOutputPlane:
            return 1, 1, input.size
        axis = 1 if input.ndim > 1 else 0
        if input.ndim == 0 or input.shape[axis] != self.nOutputPlane:
            found = input.shape[axis] if input.ndim else 0
            raise ValueError(f"{self}: Wrong number of input planes. Expected {self.nOutputPlane} but got {found}.")
        return prod(input.shape[:axis]), input.shape[axis], prod(input.shape[axis + 1 :])
