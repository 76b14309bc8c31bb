from __future__ import annotations

import nn
from nn.numbers import Whole
from rnn.seq_gru import SeqGRU
from torch7 import arrays, registry

from .sequences import BatchFirst

SIZES = Whole(input_dim=1, hidden_dim=1)


class GRU(BatchFirst, SeqGRU):
    """The ``nn.GRU`` of programs made after torch-rnn: :class:`nn.SeqGRU`, of the same formula, for ``N x T x D``.

    ``weight`` is ``(input_dim + hidden_dim) x 3 hidden_dim``. Input: x, ``N x T x input_dim``, or ``{h0, x}``; output
    ``N x T x hidden_dim``. ``remember_states`` as for torch-rnn's LSTM. Files tell it from rnn's GRU by its fields.
    """

    _transient = ("gates", "reset_h", "gradGates")

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

    @property
    def inputSize(self) -> int:
        return self.input_dim

    @property
    def outputSize(self) -> int:
        return self.hidden_dim

    def _inputSize(self) -> int:
        return SIZES(self)[0]


registry.variant("nn.GRU", GRU, lambda fields: "input_dim" in fields and "hidden_dim" in fields)
registry.lacking(GRU, remember_states=False)
