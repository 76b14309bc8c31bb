from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..containers.sequential import Sequential
from ..extension import register
from ..table.cadd_table import CSubTable
from ..table.cmul_table import CDivTable
from .neighbourhood import Neighbourhood


@register
class SpatialSubtractiveNormalization(Neighbourhood):
    """Takes the mean of the neighbourhood, over all planes, off every pixel: ``y = x - (K * x) / (K * 1)``.

    ``K *`` is the sum weighted by ``kernel`` over a window and all planes, zero outside; dividing by that of ones makes
    it a mean at the border too. Input: ``nInputPlane x H x W`` or ``N x nInputPlane x H x W``; output of the same
    shape. ``kernel`` is a matrix, or a vector whose product with itself is meant; odd sizes, 9 x 9 ones by default;
    ``nInputPlane`` is 1 by default. The field ``kernel`` is a copy that sums to ``1 / nInputPlane``. ``ValueError`` for
    even sizes and wrong planes. Source: manual chapter "convolution"; Jarrett et al., What is the Best Multi-Stage
    Architecture for Object Recognition? (2009).
    """

    def __init__(self, nInputPlane: int | None = None, kernel: Any = None) -> None:
        super().__init__()
        self.setKernel(nInputPlane, kernel)
        self.kernel /= self.kernel.sum() * self.nInputPlane
        self.meanestimator = Sequential()
        for module in self.sums():
            self.meanestimator.add(module)
        self.subtractor, self.divider = CSubTable(), CDivTable()
        self.coef = arrays.module_of(self._type).ones((1, 1, 1), self._dtype)

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        xp = arrays.array_module(input)
        coef = self.coefficients(input)
        self.localsums = self.meanestimator.updateOutput(input)
        means = xp.divide(self.localsums.reshape(input.shape), coef, out=self.buffer("adjustedsums", input))
        return xp.subtract(input, means, out=self.resizeOutput(input))

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, input)
        xp = arrays.array_module(input)
        flow = xp.divide(gradOutput, self.coefficients(input), out=self.buffer("flow", input))
        return xp.subtract(gradOutput, self.meanestimator.updateGradInput(input, flow), out=gradInput)
