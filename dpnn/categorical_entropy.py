from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn import thnn
from torch7 import arrays

EPS = 1e-6


@nn.register
class CategoricalEntropy(nn.Module):
    """Passes probabilities on and makes their distribution over a batch more even: it adds to the gradient.

    With ``P_c = sum over n of input[n, c] / S``, where S is the sum of all, and the entropy
    ``H = -sum of P_c log(P_c + 1e-6)``, kept in ``entropy`` by backward,
    ``gradInput[n, c] = gradOutput[n, c] + scale (log(P_c + 1e-6) + P_c / (P_c + 1e-6)) / S``, the second term divided
    by N while ``sizeAverage`` is True.

    Input: ``N x C``, other ranks raise ``ValueError``. ``scale``: 1; ``minEntropy``: add nothing from this entropy on.
    Source: manual of dpnn.
    """

    def __init__(self, scale: float | None = None, minEntropy: float | None = None) -> None:
        super().__init__()
        self.scale = 1 if scale is None else scale
        self.minEntropy = minEntropy
        self.sizeAverage = True

    def _t7_fields(self) -> dict:
        """Lua computes the entropy by modules."""
        scaled = nn.MulConstant(1)
        logarithm = nn.Sequential().add(nn.AddConstant(EPS)).add(nn.Log())
        module = nn.Sequential().add(nn.Sum(1)).add(scaled)
        module.add(nn.ConcatTable().add(nn.Identity()).add(logarithm))
        module.add(nn.CMulTable()).add(nn.Sum()).add(nn.MulConstant(-1)).type(self._type)
        minusOne = arrays.cast(np.array([-float(self.scale)]), self._type)
        return {"module": module, "modules": [module], "_mul": scaled, "minusOne": minusOne} | vars(self)

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim != 2:
            raise ValueError(f"CategoricalEntropy only works with batches, got {arrays.describe(input)}")
        self.output = input
        return input

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput[...] = self.gradOutputAs(gradOutput, input)
        xp, total = arrays.array_module(input), input.sum()
        p = input.sum(0) / total
        logarithm = xp.log(p + EPS)
        self.entropy = -thnn.number((p * logarithm).sum())
        if self.minEntropy is None or self.entropy < self.minEntropy:
            gradInput += (logarithm + p / (p + EPS)) * (self.scale / total / (len(input) if self.sizeAverage else 1))
        return gradInput
