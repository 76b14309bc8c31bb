from __future__ import annotations

from math import sqrt
from typing import Any

import nn
from nn import thnn
from nn.numbers import Whole
from rnn.seq_gru import SeqGRU
from torch7 import arrays, registry
from torch7.random import normal

from .sequences import BatchFirst

SIZES = Whole(input_dim=1, hidden_dim=1)


class GRU(BatchFirst, SeqGRU):
    """The ``nn.GRU`` of programs made after torch-rnn, for ``N x T x D``: :class:`nn.SeqGRU` with the update turned.

    ``[u, r] = sigmoid(bias + x[t] W + h[t-1] U)``, ``n = tanh(bias_n + x[t] W_n + (r * h[t-1]) U_n)``,
    ``h[t] = (1 - u) * h[t-1] + u * n``. ``weight``, ``(input_dim + hidden_dim) x 3 hidden_dim``, holds W over U, its
    columns in blocks u, r, n; it and ``bias`` are drawn from N(0, 1 / (input_dim + hidden_dim)). Input: x, ``N x T x
    input_dim``, or ``{h0, x}``; output ``N x T x hidden_dim``. ``remember_states`` as for torch-rnn's LSTM. Files tell
    it from rnn's GRU by its fields.
    """

    _transient = ("gates", "reset_h", "gradGates", "_turnedWeight", "_turnedBias")

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        nn.Module.__init__(self)
        self.input_dim, self.hidden_dim = input_dim, hidden_dim
        D, H = SIZES(self)
        self.remember_states = False
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = xp.empty((D + H, 3 * H), dtype), xp.zeros((D + H, 3 * H), dtype)
        self.bias, self.gradBias = xp.empty(3 * H, dtype), xp.zeros(3 * H, dtype)
        self._prepare()
        self.reset()

    def reset(self, stdv: float | None = None) -> GRU:
        """Draw bias, then weight, from N(0, stdv)."""
        stdv = 1 / sqrt(self.hidden_dim + self.input_dim) if stdv is None else stdv
        normal(self.bias, 0, stdv)
        normal(self.weight, 0, stdv)
        return self

    @property
    def inputSize(self) -> int:
        return self.input_dim

    @property
    def outputSize(self) -> int:
        return self.hidden_dim

    def _inputSize(self) -> int:
        return SIZES(self)[0]

    def _weights(self) -> tuple[Any, Any]:
        """weight and bias in the order r, u, n of the kernels, whose u is what is kept of the state, 1 - u here."""
        super()._weights()
        return self._turned("_turnedWeight", self.weight), self._turned("_turnedBias", self.bias)

    def _turned(self, name: str, x: Any) -> Any:
        turned = self._fit(name, x.shape)
        _swap(x, turned, self.hidden_dim)
        return turned

    def _accumulate(self, x: Any, scale: float) -> None:
        super()._gradients()
        gradients = self._turned("_turnedWeight", self.gradWeight), self._turned("_turnedBias", self.gradBias)
        kept = self._state("h0"), *map(self._sequence, ("reset_h", "_output", "gradGates"))
        thnn.SeqGRU_accGradParameters(x, *kept, *gradients, scale)
        for turned, gradient in zip(gradients, (self.gradWeight, self.gradBias)):
            _swap(turned, gradient, self.hidden_dim, True)


def _swap(x: Any, y: Any, H: int, back: bool = False) -> None:
    """Copy ``x`` to ``y``, the first two of three blocks of columns swapped, that of u negated.

    ``1 - sigmoid(a) = sigmoid(-a)``. u is first in ``x``, or, with ``back``, in ``y``.
    """
    y[..., :H], y[..., H : 2 * H], y[..., 2 * H :] = x[..., H : 2 * H], x[..., :H], x[..., 2 * H :]
    u = y[..., :H] if back else y[..., H : 2 * H]
    u *= -1


registry.variant("nn.GRU", GRU, lambda fields: "input_dim" in fields and "hidden_dim" in fields)
registry.lacking(GRU, remember_states=False)
