"""fbnn's normalisations: of rows, of gradients, of a weight."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

import nn
from nnx.named import named
from torch7 import arrays


@named("fbnn.L2Normalize")
class L2Normalize(nn.Module):
    """Rows of Euclidean norm 1: ``y = x / |x|``; not a number for a row of zeros.

    Input: a vector or ``N x D``; output of the same shape. Other ranks raise ``ValueError``. Source: fbnn.
    """

    _transient = ("_norms",)

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim not in (1, 2):
            raise ValueError(f"{self}: input must be D or N x D, got {arrays.describe(input)}")
        xp, output = arrays.array_module(input), self.resizeOutput(input)
        xp.multiply(input, input, out=output)
        self._norms = norms = self.resized(vars(self).get("_norms"), (*input.shape[:-1], 1))
        xp.sum(output, -1, keepdims=True, out=norms)
        xp.sqrt(norms, out=norms)
        with np.errstate(invalid="ignore", divide="ignore"):
            return xp.divide(input, norms, out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        norms = vars(self).get("_norms")
        if norms is None or norms.shape != (*input.shape[:-1], 1):
            raise ValueError(f"{self}: call forward before backward, with the same input")
        g, xp = self.gradOutputAs(gradOutput, input), arrays.array_module(input)
        xp.multiply(g, self.output, out=gradInput)
        dot = gradInput.sum(-1, keepdims=True)
        xp.multiply(self.output, dot, out=gradInput)
        xp.subtract(g, gradInput, out=gradInput)
        with np.errstate(invalid="ignore", divide="ignore"):
            gradInput /= norms
        return gradInput


@named("fbnn.ProjectiveGradientNormalization")
class ProjectiveGradientNormalization(nn.Module):
    """Passes a copy of its input and takes the part along the input off the gradient: ``g - x (x . g) / |x|^2``.

    The norm is that of the whole input; ``eps`` (1e-5) is kept and not used. Source: fbnn.
    """

    def __init__(self, eps: float | None = None) -> None:
        super().__init__()
        self.eps = 1e-5 if eps is None else eps

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        output[...] = input
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        g, xp = self.gradOutputAs(gradOutput, input), arrays.array_module(input)
        square = float((input * input).sum())
        xp.multiply(input, -float((input * g).sum()) / square if square else 0.0, out=gradInput)
        gradInput += g
        return gradInput


@named("fbnn.NormalizedLinearNoBias")
class NormalizedLinearNoBias(nn.Linear):
    """A Linear whose weight has the norm ``sqrt(outputSize)`` before every forward in training; its bias stays 0.

    Source: fbnn.
    """

    def __init__(self, inputSize: int, outputSize: int) -> None:
        super().__init__(inputSize, outputSize)
        self.bias.fill(0)

    def updateOutput(self, input: Any) -> Any:
        if self.train is not False:
            norm = float(np.sqrt((self.weight.astype(np.float64) ** 2).sum()))
            if norm:
                self.weight *= sqrt(len(self.weight)) / norm
        return super().updateOutput(input)

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        held, self.gradBias = self.gradBias, None
        try:
            super().accGradParameters(input, gradOutput, scale)
        finally:
            self.gradBias = held
