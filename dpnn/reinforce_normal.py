from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays
from torch7.random import normal

from .reinforce import Reinforce


@nn.register
class ReinforceNormal(Reinforce):
    """Samples x from N(mu, s), mu being the input; :class:`Reinforce` says how it learns.

    ``gradInput = -r (x - mu) / s^2``. ``stdev``: s, a number, a tensor of the input's size or of that of one sample, or
    None: then the input is ``{mu, s}`` and gradInput also has ``-r ((x - mu)^2 - s^2) / (s^3 + 1e-8)``. In evaluation
    the output is mu. First dimension the batch; sizes that do not fit raise ``ValueError``. Source: manual of dpnn.
    """

    def __init__(self, stdev: Any = None, stochastic: bool | None = None) -> None:
        super().__init__(stochastic)
        self.stdev = arrays.cast(stdev, self._type).copy() if arrays.is_array(stdev) else stdev
        if self.stdev is None:
            self.gradInput = [arrays.empty(), arrays.empty()]

    def sample(self, input: Any) -> Any:
        mean, stdev = self.pair(input, self.stdev, "stdev")
        output = self.resizeOutput(mean)
        mean = mean.copy() if mean is output else mean
        normal(output)
        output *= stdev
        output += mean
        return output

    def mean(self, input: Any) -> Any:
        mean, _ = self.pair(input, self.stdev, "stdev")
        output = self.resizeOutput(mean)
        output[...] = mean
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        mean, stdev = self.pair(input, self.stdev, "stdev")
        xp = arrays.array_module(mean)
        held = self.gradInput if isinstance(self.gradInput, list) and self.gradInput else [self.gradInput, None]
        gradMean = self.resized(held[0], mean.shape, mean, stdev)
        xp.subtract(self.output, mean, out=gradMean)
        if self.stdev is not None:
            gradMean /= stdev * stdev
            self.gradInput = self.rewarded(mean, gradMean)
            return self.gradInput
        gradStdev = self.resized(held[1], mean.shape, mean, stdev)
        xp.multiply(gradMean, gradMean, out=gradStdev)
        gradStdev -= stdev * stdev
        gradStdev /= stdev**3 + 1e-8
        gradMean /= stdev * stdev
        self.gradInput = [self.rewarded(mean, gradMean), self.rewarded(mean, gradStdev)]
        return self.gradInput
