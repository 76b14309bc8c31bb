from __future__ import annotations

from typing import Any

from nn.transfer.elementwise import Elementwise
from nnx.named import named
from torch7 import arrays, registry


@named("inn.ConstAffine")
class ConstAffine(Elementwise):
    """A scale and a shift of every plane that are not learned: ``y[c] = a[c] x[c] + b[c]``, at first 1 and 0.

    Input: ``N x C``, ``C x H x W`` or ``N x C x H x W``; output of the same shape. ``a`` and ``b`` have C elements.
    ``inplace`` overwrites the input and gradOutput. Other planes raise ``ValueError``. Source: inn.
    """

    def __init__(self, nOutputPlane: int, inplace: bool | None = None) -> None:
        super().__init__()
        xp = arrays.module_of(self._type)
        self.a, self.b = xp.ones((1, nOutputPlane, 1, 1), self._dtype), xp.zeros((1, nOutputPlane, 1, 1), self._dtype)
        self.setInplace(inplace)

    def updateOutput(self, input: Any) -> Any:
        a, b = self._planes(input)
        output = self.outputFor(input)
        arrays.array_module(input).multiply(input, a, out=output)
        output += b
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.inplace:
            self.checkType(gradOutput, "gradOutput")
            self.gradInput = gradOutput
        gradInput = gradOutput if self.inplace else self.resizeGradInput(input, gradOutput)
        a, _ = self._planes(input)
        return arrays.array_module(input).multiply(self.gradOutputAs(gradOutput, gradInput), a, out=gradInput)

    def _planes(self, input: Any) -> tuple[Any, Any]:
        """a and b in a shape that broadcasts."""
        self.checkType(input)
        axis = {2: 1, 3: 0, 4: 1}.get(input.ndim)
        if axis is None or input.shape[axis] != self.a.size or self.a.size != self.b.size:
            raise ValueError(f"{self}: planes for {self.a.size} scales expected, got {arrays.describe(input)}")
        shape = -1, *(1,) * (input.ndim - axis - 1)
        return self.a.reshape(shape), self.b.reshape(shape)


registry.lacking(ConstAffine, inplace=False)
registry.alias("inn.SpatialConstAffine", "inn.ConstAffine")
