from __future__ import annotations

from typing import Any, Self

from ..containers.sequential import Sequential
from ..extension import register
from ..module import Module
from .spatial_divisive_normalization import SpatialDivisiveNormalization
from .spatial_subtractive_normalization import SpatialSubtractiveNormalization


@register
class SpatialContrastiveNormalization(Module):
    """Subtracts the neighbourhood's mean, then divides by its deviation.

    :class:`SpatialSubtractiveNormalization` followed by :class:`SpatialDivisiveNormalization`, whose arguments and
    shapes it has. Errors as of those two. Source: Jarrett et al., What is the Best Multi-Stage Architecture for Object
    Recognition? (2009).
    """

    def __init__(
        self,
        nInputPlane: int | None = None,
        kernel: Any = None,
        threshold: float | None = None,
        thresval: float | None = None,
    ) -> None:
        super().__init__()
        subtractive = SpatialSubtractiveNormalization(nInputPlane, kernel)
        divisive = SpatialDivisiveNormalization(nInputPlane, subtractive.kernel, threshold, thresval)
        self.nInputPlane = divisive.nInputPlane
        self.threshold, self.thresval = divisive.threshold, divisive.thresval
        self.kernel = subtractive.kernel = divisive.kernel
        self.normalizer = Sequential().add(subtractive).add(divisive)

    def updateOutput(self, input: Any) -> Any:
        self.output = self.normalizer.forward(input)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = self.normalizer.backward(input, gradOutput)
        return self.gradInput

    def clearState(self) -> Self:
        self.normalizer.clearState()
        return super().clearState()
