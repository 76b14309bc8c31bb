from __future__ import annotations

from typing import Any

import numpy as np

import nn
from torch7 import arrays

from .gamma import digamma, fill_gamma
from .reinforce import Reinforce


@nn.register
class ReinforceGamma(Reinforce):
    """Samples x from the Gamma distribution of shape k, the input, and scale t; :class:`Reinforce` says how it learns.

    ``gradInput = -r (ln x - digamma(k) - ln t)``. ``scale``: t, a number, a tensor of the size of the input or of one
    sample, or None: then the input is ``{k, t}`` and gradInput also has ``-r (x / t^2 - k / t)``. In evaluation the
    output is the mean, k t. First dimension the batch; sizes that do not fit, shapes and scales that are not positive
    raise ``ValueError``. Source: manual of dpnn.
    """

    def __init__(self, scale: Any = None, stochastic: bool | None = None) -> None:
        super().__init__(stochastic)
        self.scale = arrays.cast(scale, self._type).copy() if arrays.is_array(scale) else scale
        if self.scale is None:
            self.gradInput = [arrays.empty(), arrays.empty()]

    def sample(self, input: Any) -> Any:
        shape, scale = self.pair(input, self.scale, "scale")
        if not (shape > 0).all() or not np.all(scale > 0):
            raise ValueError("nn.ReinforceGamma: shape and scale must be positive")
        output = self.resizeOutput(shape)
        fill_gamma(output, shape)
        output *= scale
        return output

    def mean(self, input: Any) -> Any:
        shape, scale = self.pair(input, self.scale, "scale")
        return arrays.array_module(shape).multiply(shape, scale, out=self.resizeOutput(shape))

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        shape, scale = self.pair(input, self.scale, "scale")
        xp = arrays.array_module(shape)
        held = self.gradInput if isinstance(self.gradInput, list) and self.gradInput else [self.gradInput, None]
        gradShape = self.resized(held[0], shape.shape, shape, scale)
        xp.log(self.output, out=gradShape)
        gradShape -= digamma(shape)
        gradShape -= xp.log(scale)
        self.rewarded(shape, gradShape)
        if self.scale is not None:
            self.gradInput = gradShape
            return gradShape
        gradScale = self.resized(held[1], shape.shape, shape, scale)
        xp.divide(self.output, scale, out=gradScale)
        gradScale -= shape
        gradScale /= scale
        self.gradInput = [gradShape, self.rewarded(shape, gradScale)]
        return self.gradInput
