from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Whole
from rnn.seq_lstm import SeqLSTM
from torch7 import registry

from .sequences import BatchFirst, upgrade_sequences

SIZES = Whole(input_dim=1, hidden_dim=1)


class LSTM(BatchFirst, SeqLSTM):
    """torch-rnn's ``nn.LSTM``: :class:`nn.SeqLSTM` for sequences ``N x T x D``.

    ``[i, f, o, g] = bias + x[t] W_x + h[t-1] W_h``, ``c[t] = sigmoid(f) * c[t-1] + sigmoid(i) * tanh(g)``,
    ``h[t] = sigmoid(o) * tanh(c[t])``. ``weight``, ``(input_dim + hidden_dim) x 4 hidden_dim``, holds W_x over W_h, its
    columns in blocks i, f, o, g; it is drawn from N(0, 1 / (input_dim + hidden_dim)), ``bias`` is 0, that of f 1.

    Input: x, ``N x T x input_dim``, or a table ``{h0, x}`` or ``{c0, h0, x}`` with the state before the first step,
    ``N x hidden_dim``; output ``N x T x hidden_dim``. With the field ``remember_states`` True the state lasts from one
    forward to the next, until ``resetStates``. Files tell it from rnn's LSTM by its fields. Source: torch-rnn.
    """

    def __init__(self, input_dim: int, hidden_dim: int) -> None:
        nn.Module.__init__(self)
        self.input_dim, self.hidden_dim = input_dim, hidden_dim
        SIZES(self)
        self.remember_states = False
        self._make(self.input_dim + self.hidden_dim)
        self.reset()

    @property
    def inputsize(self) -> int:
        return self.input_dim

    @property
    def hiddensize(self) -> int:
        return self.hidden_dim

    outputsize = hiddensize

    def _inputSize(self) -> int:
        return SIZES(self)[0]

    def _t7_fields(self) -> dict[str, Any]:
        return self._batchFirstFields("cell")


registry.variant("nn.LSTM", LSTM, lambda fields: "input_dim" in fields and "hidden_dim" in fields)
registry.lacking(LSTM, remember_states=False)
upgrade_sequences(LSTM, "cell")
