"""fbnn's dropouts: of the last units of a row, and of every unit with a share of its own."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
import torch7 as torch
from nn.numbers import Real
from nnx.named import named
from torch7 import arrays

SHARE = Real("p")


class Masked(nn.Module):
    """Base of layers that multiply rows, ``N x D``, by noise in training."""

    def drawn(self, shape: tuple) -> Any:
        """The noise, in the buffer ``noise``."""
        raise NotImplementedError

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim != 2:
            raise ValueError(f"{self}: input must be N x D, got {arrays.describe(input)}")
        output = self.resizeOutput(input)
        if self.train is False:
            output[...] = input
            return output
        self.noise = self.resized(vars(self).get("noise"), input.shape)
        return arrays.array_module(input).multiply(input, self.drawn(input.shape), out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.train is False:
            raise ValueError(f"{self}: backprop is only defined while training")
        gradInput = self.resizeGradInput(input, gradOutput)
        if self.noise.shape != input.shape:
            raise ValueError(f"{self}: call forward before backward, with the same input")
        return arrays.array_module(input).multiply(self.gradOutputAs(gradOutput, input), self.noise, out=gradInput)

    def clearState(self) -> Masked:
        nn.utils.clear(self, "noise")
        return super().clearState()


@named("fbnn.NestedDropout")
class NestedDropout(Masked):
    """Drops the units behind a place b that every row draws: ``P(b) = (1 - p)^(b - 1) p``, p 0.01 by default.

    In training unit d is divided by ``(1 - p)^d``, the probability that ``b > d``. In evaluation the input passes and
    backward raises ``ValueError``. Input: ``N x D``. Source: fbnn; Rippel et al. (2014), Learning ordered
    representations.
    """

    def __init__(self, p: float | None = None) -> None:
        super().__init__()
        self.p = 0.01 if p is None else p
        (share,) = SHARE(self)
        if not 0 < share < 1:
            raise ValueError(
                f"fbnn.NestedDropout: illegal geometric distribution parameter, must be 0 < p < 1, got {p}"
            )
        self.logp, self.log1p, self.train = float(np.log(share)), float(np.log(1 - share)), True
        self.noise = arrays.empty(self._type)

    def setp(self, p: float) -> None:
        """Set p; the divisors stay those of the first one, as in fbnn."""
        self.p = p

    def drawn(self, shape: tuple) -> Any:
        N, D = shape
        stays = 1 - np.cumsum(np.exp(np.arange(D) * self.log1p + self.logp))
        self.noise[...] = np.asarray(1 / stays, like=self.noise)
        (share,) = SHARE(self)
        for row in range(N):
            self.noise[row, int(torch.geometric(1 - share)) :] = 0
        return self.noise


@named("fbnn.IndividualDropout")
class IndividualDropout(Masked):
    """Drops every unit with a probability of its own, and divides it by the probability that it stays.

    ``p``: D probabilities, from 0 to below 1 (``ValueError``). In evaluation the input passes and backward raises
    ``ValueError``. Input: ``N x D``. The draws are from Torch's generator, unit after unit. Source: fbnn.
    """

    def __init__(self, p: Any) -> None:
        super().__init__()
        self.noise, self.train = arrays.empty(self._type), True
        self.setp(p)

    def setp(self, p: Any) -> None:
        """Set the probabilities; the field ``p`` holds those of staying."""
        p = np.asarray(p, np.float32).reshape(-1)
        if not ((p >= 0) & (p < 1)).all():
            raise ValueError("fbnn.IndividualDropout: illegal percentage, must be 0 <= p < 1")
        self.p = 1 - p

    def drawn(self, shape: tuple) -> Any:
        if shape[1] != self.p.size:
            raise ValueError(f"{self}: {shape[1]} units for {self.p.size} probabilities")
        column = np.empty(shape[0])
        for d, stays in enumerate(self.p.reshape(-1).tolist()):
            torch.bernoulli(column, stays)
            self.noise[:, d] = np.asarray(column / stays, like=self.noise)
        return self.noise
