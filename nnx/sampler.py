"""The variational autoencoder of VAE-Torch: a sampler and two criterions."""

from __future__ import annotations

from math import log, pi
from typing import Any

import nn
from nn import utils
from torch7 import arrays
from torch7.random import normal


def pair(owner: Any, table: Any) -> tuple[Any, Any]:
    """Mean and logarithm of the variance; ``ValueError`` unless they are of one shape."""
    values = utils.sequence(table, owner)
    if len(values) != 2 or getattr(values[0], "shape", 0) != getattr(values[1], "shape", 1):
        raise ValueError(f"{owner}: a table of mean and log variance of one shape, got {arrays.describe(table)}")
    for x in values:
        owner.checkType(x)
    return values[0], values[1]


@nn.register
class Sampler(nn.Module):
    """Draws from normal distributions: ``{mu, logvar}`` -> ``mu + exp(logvar / 2) eps``, eps from N(0, 1).

    Both of one shape, which is the output's, else ``ValueError``. Source: VAE-Torch; Kingma and Welling (2013).
    """

    def __init__(self) -> None:
        super().__init__()
        self.gradInput: Any = []

    def updateOutput(self, input: Any) -> Any:
        mu, logvar = pair(self, input)
        self.eps = self.resized(vars(self).get("eps"), mu.shape)
        normal(self.eps, 0, 1)
        output, xp = self.resizeOutput(mu), arrays.array_module(mu)
        xp.multiply(logvar, 0.5, out=output)
        xp.exp(output, out=output)
        output *= self.eps
        output += mu
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        mu, logvar = pair(self, input)
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, mu.shape)
        held = self.gradInput if isinstance(self.gradInput, list) and len(self.gradInput) == 2 else [None, None]
        self.gradInput = [self.resized(buffer, mu.shape) for buffer in held]
        self.gradInput[0][...] = g
        by_logvar = self.gradInput[1]
        arrays.array_module(mu).multiply(logvar, 0.5, out=by_logvar)
        arrays.array_module(mu).exp(by_logvar, out=by_logvar)
        for factor in (self.eps, g, 0.5):
            by_logvar *= factor
        return self.gradInput

    def clearState(self) -> Sampler:
        utils.clear(self, "eps")
        return super().clearState()


class PairCriterion(nn.Criterion):
    """Base of criterions of ``{mu, logvar}``: gradInput is a pair of buffers."""

    def gradients(self, mu: Any) -> list:
        held = self.gradInput if isinstance(self.gradInput, list) and len(self.gradInput) == 2 else [None, None]
        self.gradInput = [arrays.resized(buffer, mu.shape, mu) for buffer in held]
        return self.gradInput


@nn.register
class KLDCriterion(PairCriterion):
    """The divergence of normal distributions from N(0, 1): ``loss = -sum (1 + logvar - mu^2 - exp(logvar)) / 2``.

    Input: ``{mu, logvar}``, or both as input and target. Source: VAE-Torch.
    """

    def forward(self, input: Any, target: Any = None) -> float:
        return self.updateOutput(input, target)

    def backward(self, input: Any, target: Any = None) -> list:
        return self.updateGradInput(input, target)

    def updateOutput(self, input: Any, target: Any = None) -> float:
        mu, logvar = pair(self, input if utils.is_table(input) else [input, target])
        self.output = -0.5 * float((1 + logvar - mu * mu - arrays.array_module(mu).exp(logvar)).sum())
        return self.output

    def updateGradInput(self, input: Any, target: Any = None) -> list:
        mu, logvar = pair(self, input if utils.is_table(input) else [input, target])
        by_mu, by_logvar = self.gradients(mu)
        by_mu[...] = mu
        arrays.array_module(mu).exp(logvar, out=by_logvar)
        by_logvar -= 1
        by_logvar *= 0.5
        return self.gradInput


@nn.register
class GaussianCriterion(PairCriterion):
    """The negative log-likelihood of normal distributions.

    ``loss = sum (log(2 pi) + logvar + (t - mu)^2 / exp(logvar)) / 2``. Input: ``{mu, logvar}``; target t of the same
    shape. Source: VAE-Torch.
    """

    def updateOutput(self, input: Any, target: Any) -> float:
        mu, logvar, t, inverse = self._values(input, target)
        self.output = 0.5 * float((log(2 * pi) + logvar + (t - mu) ** 2 * inverse).sum())
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> list:
        mu, _, t, inverse = self._values(input, target)
        by_mu, by_logvar = self.gradients(mu)
        xp = arrays.array_module(mu)
        xp.subtract(mu, t, out=by_mu)
        by_mu *= inverse
        xp.subtract(mu, t, out=by_logvar)
        by_logvar *= by_mu
        by_logvar -= 1
        by_logvar *= -0.5
        return self.gradInput

    def _values(self, input: Any, target: Any) -> tuple:
        mu, logvar = pair(self, input)
        self.checkType(target, "target")
        if target.size != mu.size:
            raise ValueError(f"{self}: target is {arrays.describe(target)} for {arrays.describe(mu)}")
        return mu, logvar, target.reshape(mu.shape), arrays.array_module(mu).exp(-logvar)
