from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from .. import thnn, utils
from ..extension import register
from ..module import Module
from ..numbers import Real, Whole
from .sizes import as_batch

SIZE, SCALES = Whole(size=1), Real("alpha", "beta", "k")


@register
class SpatialCrossMapLRN(Module):
    """Local response normalisation: every element divided by a measure of its neighbours in other planes.

    ``output[c] = input[c] * scale[c] ^ -beta``, ``scale[c] = k + alpha / size * sum of input[j]^2`` over the ``size``
    planes j around c that exist; of an even ``size`` one more comes after c than before it.

    Input: ``C x H x W`` or ``N x C x H x W``; output of the same shape. ``alpha`` is 1e-4 by default, ``beta`` 0.75,
    ``k`` 1. Other ranks and a ``size`` below 1 raise ``ValueError``. Source: Krizhevsky, Sutskever and Hinton, ImageNet
    Classification with Deep Convolutional Neural Networks (2012); manual chapter "convolution".
    """

    def __init__(
        self, size: int, alpha: float | None = None, beta: float | None = None, k: float | None = None
    ) -> None:
        super().__init__()
        self.size = size
        self.alpha = 0.0001 if alpha is None else alpha
        self.beta = 0.75 if beta is None else beta
        self.k = 1.0 if k is None else k
        SIZE(self)

    def updateOutput(self, input: Any) -> Any:
        if not arrays.is_array(input) or input.ndim not in (3, 4):
            self.checkType(input)
            raise ValueError(f"{self}: input must be 3D or 4D, got {arrays.describe(input)}")
        output = self.resizeOutput(input)
        batch = thnn.contiguous(as_batch(input))
        self.scale = self.resized(vars(self).get("scale"), batch.shape)
        thnn.SpatialCrossMapLRN_updateOutput(batch, as_batch(output), self.scale, *self._settings())
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        scale = vars(self).get("scale")
        if not arrays.is_array(scale) or scale.shape != as_batch(input).shape or scale.dtype != self._dtype:
            raise ValueError(f"{self}: call forward with this input first, got {arrays.describe(input)}")
        gradOutput = self.gradOutputAs(gradOutput, input.shape)
        batch, gradBatch, scale = map(thnn.contiguous, (as_batch(input), as_batch(gradOutput), scale))
        thnn.SpatialCrossMapLRN_updateGradInput(batch, gradBatch, as_batch(gradInput), scale, *self._settings())
        return gradInput

    def _settings(self) -> tuple:
        return *SIZE(self), *SCALES(self)

    def clearState(self) -> Self:
        utils.clear(self, "scale")
        return super().clearState()
