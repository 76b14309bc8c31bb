from __future__ import annotations

from math import sqrt
from typing import Any

import nn
from nn import thnn
from nn.numbers import Whole
from torch7 import arrays, registry
from torch7.random import normal

from .sequences import BatchFirst

SIZES = Whole(input_dim=1, hidden_dim=1)


@nn.register
class VanillaRNN(BatchFirst):
    """torch-rnn's simple recurrent layer: ``h[t] = tanh(x[t] W_x + h[t-1] W_h + bias)``.

    ``weight``, ``(input_dim + hidden_dim) x hidden_dim``, holds W_x over W_h and is drawn from N(0, 1 / (input_dim +
    hidden_dim)); ``bias`` is 0. Input: x, ``N x T x input_dim``, or ``{h0, x}`` with the state before the first step,
    ``N x hidden_dim``, otherwise zeros; output ``N x T x hidden_dim``. With the field ``remember_states`` True the
    state lasts from one forward to the next, until ``resetStates``. Source: torch-rnn.
    """

    _transient = ("gates", "_step")

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        super().__init__()
        self.input_dim, self.hidden_dim = input_dim, hidden_dim
        D, H = SIZES(self)
        self.remember_states = False
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = xp.empty((D + H, H), dtype), xp.zeros((D + H, H), dtype)
        self.bias, self.gradBias = xp.empty(H, dtype), xp.zeros(H, dtype)
        self._prepare()
        self.reset()

    def reset(self, stdv: float | None = None) -> VanillaRNN:
        """Set bias to 0 and draw weight from N(0, stdv)."""
        self.bias.fill(0)
        normal(self.weight, 0, 1 / sqrt(self.hidden_dim + self.input_dim) if stdv is None else stdv)
        return self

    def _inputSize(self) -> int:
        return SIZES(self)[0]

    def _parameterShapes(self) -> dict[str, tuple[int, ...]]:
        return {"weight": (self.input_dim + self.hidden_dim, self.hidden_dim), "bias": (self.hidden_dim,)}

    def _sequences(self) -> dict[str, int]:
        return {"_output": self.hidden_dim}

    def _gradSequences(self) -> dict[str, int]:
        return {"gates": self.hidden_dim, "grad_x": self.input_dim}

    def _forward(self, x: Any, zero: Any) -> None:
        weight, bias = self._weights()
        D, H = self.input_dim, self.hidden_dim
        h, last, step = self._output, self.h0, self._fit("_step", self.h0.shape)
        thnn.Linear_updateGradInput(x.reshape(-1, D), h.reshape(-1, H), weight[:D])  # x W_x
        h += bias
        for t in range(len(h)):
            thnn.Linear_updateGradInput(last, step, weight[D:])
            h[t] += step
            thnn.Tanh_updateOutput(h[t], h[t])
            last = h[t]

    def _backward(self, gradOutput: Any, zero: Any) -> None:
        """``gates`` holds the gradient by what tanh is taken of."""
        weight, D = self._weights()[0], self.input_dim
        h, g = self._sequence("_output"), self.gates
        later = self.grad_h0
        for t in reversed(range(len(h))):
            later += gradOutput[t]
            thnn.Tanh_updateGradInput(h[t], later, g[t])
            thnn.Linear_updateOutput(g[t], later, weight[D:], None)  # g W_h^T
        thnn.Linear_updateOutput(g.reshape(-1, self.hidden_dim), self.grad_x.reshape(-1, D), weight[:D], None)

    def _accumulate(self, x: Any, scale: float) -> None:
        gradWeight, gradBias = self._gradients()
        D, H, g = self.input_dim, self.hidden_dim, self._sequence("gates").reshape(-1, self.hidden_dim)
        h, N = self._sequence("_output"), x.shape[1]
        thnn.Linear_accGradParameters(g, x.reshape(-1, D), gradWeight[:D], None, scale)
        thnn.Linear_accGradParameters(g[:N], self._state("h0"), gradWeight[D:], None, scale)
        if len(h) > 1:
            thnn.Linear_accGradParameters(g[N:], h[:-1].reshape(-1, H), gradWeight[D:], None, scale)
        thnn.cadd(gradBias, scale, g.sum(0))
        thnn.copy_back(gradWeight, self.gradWeight)
        thnn.copy_back(gradBias, self.gradBias)


registry.lacking(VanillaRNN, remember_states=False)
