from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from ..containers.sequential import Sequential
from ..extension import register
from ..simple.elementwise import Sqrt, Square
from ..table.cmul_table import CDivTable
from ..transfer.threshold import Threshold
from .neighbourhood import Neighbourhood


@register
class SpatialDivisiveNormalization(Neighbourhood):
    """Divides every pixel by the deviation of its neighbourhood: ``y = x / max'(sqrt(K * x^2) / (K * 1))``.

    ``K *`` is the sum weighted by ``kernel`` over a window and all planes, zero outside. ``max'`` replaces what does
    not exceed ``threshold`` (1e-4) by ``thresval`` (the threshold). Input, ``nInputPlane`` and ``kernel`` as for
    :class:`SpatialSubtractiveNormalization`; the field ``kernel`` is a copy divided by its sum and by ``nInputPlane``,
    of a vector by its root. Errors as :class:`SpatialSubtractiveNormalization`. Source: Jarrett et al., What is the
    Best Multi-Stage Architecture for Object Recognition? (2009).
    """

    def __init__(
        self,
        nInputPlane: int | None = None,
        kernel: Any = None,
        threshold: float | None = None,
        thresval: float | None = None,
    ) -> None:
        super().__init__()
        self.setKernel(nInputPlane, kernel)
        self.threshold = 1e-4 if threshold is None else threshold
        self.thresval = self.threshold if thresval is None else thresval
        planes = self.nInputPlane if self.kernel.ndim == 2 else self.nInputPlane**0.5
        self.kernel /= self.kernel.sum() * planes
        self.meanestimator, self.stdestimator = Sequential(), Sequential()
        for module in self.sums():
            self.meanestimator.add(module)
        for module in (Square(), *self.sums(), Sqrt()):
            self.stdestimator.add(module)
        self.normalizer, self.divider = CDivTable(), CDivTable()
        self.thresholder = Threshold(self.threshold, self.thresval)
        self.coef = arrays.module_of(self._type).ones((1, 1, 1), self._dtype)

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        xp = arrays.array_module(input)
        coef = self.coefficients(input)
        self.localstds = self.stdestimator.updateOutput(input)
        xp.divide(self.localstds.reshape(input.shape), coef, out=self.buffer("adjustedstds", input))
        self.thresholdedstds = self.thresholder.updateOutput(self.adjustedstds)
        return xp.divide(input, self.thresholdedstds.reshape(input.shape), out=self.resizeOutput(input))

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        xp = arrays.array_module(input)
        xp.divide(gradOutput, self.thresholdedstds.reshape(input.shape), out=gradInput)
        flow = xp.multiply(gradInput, self.output, out=self.buffer("flow", input))
        flow = flow.reshape(self.adjustedstds.shape)
        flow = self.thresholder.updateGradInput(self.adjustedstds, flow).reshape(input.shape)
        flow /= self.coefficients(input)
        gradInput -= self.stdestimator.updateGradInput(input, flow)
        return gradInput

    def clearState(self) -> Self:
        self.stdestimator.clearState()
        self.thresholder.clearState()
        return super().clearState()
