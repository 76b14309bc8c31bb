from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

import nn
from nn.numbers import Real
from nnx.named import named
from torch7 import arrays
from torch7.random import normal

RATES = Real("gamma", "matReg")


@named("nnx.QDRiemaNNLinear")
class QDRiemaNNLinear(nn.Linear):
    """A Linear whose gradients are turned by a metric of the outputs: the quasi-diagonal natural gradient.

    The metric holds the means, with the rate ``gamma`` (0.01), of ``g^2 x^2``, ``g^2 x`` and ``g^2`` over batches:
    ``Mii``, ``M0i`` and ``M00``. ``accGradParameters`` adds the usual gradient and then turns all that is accumulated:
    ``w = (gw M00 - M0i gb) / (Mii M00 - M0i^2)``, ``b = gb / M00 - sum_i M0i w / M00``; zero the gradients before every
    step. ``qdFlag`` False: ``gw / Mii`` and ``gb / M00``. weight is drawn from N(0, 1 / sqrt(inputSize)), bias is 0.
    Input: ``N x inputSize``. Source: nnx; Marceau-Caron and Ollivier (2016), Practical Riemannian neural networks.
    """

    def __init__(self, inputSize: int, outputSize: int, gamma: float | None = None, qdFlag: bool | None = None) -> None:
        super().__init__(inputSize, outputSize)
        self.qdFlag, self.gamma, self.matReg = qdFlag is not False, 0.01 if gamma is None else gamma, 1e-12
        xp = arrays.module_of(self._type)
        self.Mii, self.M00 = xp.zeros((outputSize, inputSize), self._dtype), xp.zeros(outputSize, self._dtype)
        self.M0i = xp.zeros((outputSize, inputSize), self._dtype)
        self.initMetric = True

    def reset(self, stdv: float | None = None) -> QDRiemaNNLinear:
        """Draw weight from N(0, 1 / sqrt(inputSize)); bias becomes 0, and the metric begins anew."""
        self.initMetric = True
        normal(self.weight, 0, 1 / sqrt(self.weight.shape[1] or 1) if stdv is None else stdv)
        self.bias.fill(0)
        return self

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        super().accGradParameters(input, gradOutput, scale)
        if input.ndim != 2:
            raise ValueError(f"{self}: input must be a batch of rows, got {arrays.describe(input)}")
        self._measure(input, self.gradOutputAs(gradOutput, (len(input), len(self.weight))))
        gw, gb, (_, least) = self.gradWeight, self.gradBias, RATES(self)
        with np.errstate(divide="ignore", invalid="ignore"):
            if not self.qdFlag:
                gw /= self.Mii + least
                gb /= self.M00 + least
                return
            M00 = self.M00[:, None]
            gw[...] = (gw * M00 - self.M0i * gb[:, None]) / np.clip(self.Mii * M00 - self.M0i**2, least, 1e25)
            gb[...] = gb / self.M00 - (self.M0i / M00 * gw).sum(1)

    def _measure(self, x: Any, g: Any) -> None:
        """Bring the metric up to date."""
        gamma, _ = RATES(self)
        squares = (g * g).T
        new = squares @ (x * x), squares @ x, squares.sum(1)
        for name, value in zip(("Mii", "M0i", "M00"), new):
            self.checkFields(**{name: value.shape})
            metric = getattr(self, name)
            if self.initMetric:
                metric[...] = value
            else:
                metric *= 1 - gamma
                metric += gamma * value
        self.initMetric = False
