from __future__ import annotations

from typing import Any

import numpy as np

import nn
from torch7 import arrays, registry
from torch7.random import bernoulli


@nn.register
class TotalDropout(nn.Module):
    """Drops its whole input, or nothing: ``output = noise * input``.

    ``noise``, one number for a forward in training, is 0 with probability ``p`` (0.5), else 1; on a GPU it is a tensor
    of one element. Evaluation passes the input on and has no backward (``RuntimeError``). Input of any shape.
    ``ValueError`` unless ``0 <= p < 1``.
    Source: manual of dpnn.
    """

    noise: Any = 1

    def __init__(self, p: float | None = None) -> None:
        super().__init__()
        self.p = 0.5 if p is None else p
        if not 0 <= self.p < 1:
            raise ValueError(f"<TotalDropout> illegal percentage, must be 0 <= p < 1, got {p}")
        self.train = True

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        if self.train:
            self.noise = self._drawn(input)
            return arrays.array_module(input).multiply(input, self.noise, out=output)
        output[...] = input
        return output

    def _drawn(self, input: Any) -> Any:
        if isinstance(input, np.ndarray):
            return bernoulli(1 - self.p)
        return bernoulli(arrays.resized(self.noise, (1,), input), 1 - self.p)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if not self.train:
            raise RuntimeError("TotalDropout: backprop only defined while training")
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, input)
        return arrays.array_module(input).multiply(gradOutput, self.noise, out=gradInput)

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))}({self.p:f})"
