from __future__ import annotations

from math import sqrt
from typing import Any, Self

import nn
from nn import thnn
from nn.numbers import Whole
from torch7 import arrays
from torch7.random import normal

from .sequence_layer import SequenceLayer

SIZES = Whole(inputsize=1, hiddensize=1, outputsize=1)


@nn.register
class SeqLSTM(SequenceLayer):
    """Long short-term memory over whole sequences, far faster than a :class:`nn.FastLSTM` in a Sequencer.

    ``[i, f, o, g] = bias + x[t] W_x + h[t-1] W_h``, ``c[t] = sigmoid(f) * c[t-1] + sigmoid(i) * tanh(g)``,
    ``h[t] = sigmoid(o) * tanh(c[t])``. ``weight``, ``(inputsize + outputsize) x 4 outputsize``, holds W_x over W_h, its
    columns in blocks i, f, o, g; it is drawn from N(0, 1 / (inputsize + outputsize)). ``bias`` is 0, that of f 1.

    Input: x, ``T x N x inputsize``, or a table ``{h0, x}`` or ``{c0, h0, x}`` with the state before the first step,
    each ``N x outputsize``, otherwise zeros; output ``T x N x outputsize``. ``gradInput`` is a table as the input is.
    With the field ``batchfirst`` True sequences are ``N x T x ...``. With ``maskzero`` (:meth:`maskZero`) a sample
    whose x[t] is zero gets h[t] = c[t] = 0. :meth:`remember` keeps the state from one forward to the next.

    ``userPrevOutput`` and ``userPrevCell`` set the state before the next forward, ``gradPrevOutput`` and
    ``userNextGradCell`` the gradients that the next backward starts from; ``userGradPrevOutput`` and
    ``userGradPrevCell`` hold those by the first state. Other ranks and sizes raise ``ValueError``. It is no
    AbstractRecurrent: do not put it into a Sequencer. Source: manual of rnn.
    """

    STATES = ("c0", "h0")
    LAST = ("cell", "_output")
    USER = ("userPrevCell", "userPrevOutput")
    USER_GRAD = ("userNextGradCell", "gradPrevOutput")
    GRAD_OUT = ("userGradPrevCell", "userGradPrevOutput")
    _transient = ("_complete",)
    _complete = False
    userPrevCell: Any = None
    userNextGradCell: Any = None

    def __init__(self, inputsize: int, outputsize: int) -> None:
        super().__init__()
        self.inputsize, self.hiddensize, self.outputsize = inputsize, outputsize, outputsize
        inputsize, _, outputsize = SIZES(self)
        self._make(inputsize + outputsize)
        self.reset()

    def _make(self, rows: int) -> None:
        xp, dtype, columns = arrays.module_of(self._type), self._dtype, 4 * self.hiddensize
        self.weight, self.gradWeight = xp.empty((rows, columns), dtype), xp.zeros((rows, columns), dtype)
        self.bias, self.gradBias = xp.empty(columns, dtype), xp.zeros(columns, dtype)
        self._prepare()
        self.cell = arrays.empty(self._type)

    def reset(self, stdv: float | None = None) -> Self:
        """Set bias to 0, that of the forget gate to 1, and draw weight from N(0, stdv)."""
        H = self.outputsize
        self.bias.fill(0)
        self.bias[H : 2 * H] = 1
        normal(self.weight, 0, 1 / sqrt(self.hiddensize + self.inputsize) if stdv is None else stdv)
        return self

    def _inputSize(self) -> int:
        SIZES(self)
        return self.inputsize

    def _parameterShapes(self) -> dict[str, tuple[int, ...]]:
        columns = 4 * self.hiddensize
        return {"weight": (self.inputsize + self.outputsize, columns), "bias": (columns,)}

    def _sequences(self) -> dict[str, int]:
        return {"cell": self.hiddensize, "_output": self.outputsize}

    def _gradSequences(self) -> dict[str, int]:
        return {"grad_x": self.inputsize}

    def _masks(self, x: Any) -> None:
        return None

    def _forward(self, x: Any, zero: Any) -> None:
        self._complete = self.train is not False
        self._run(x)

    def _run(self, x: Any) -> None:
        states = self.h0, self.c0, self._gates(x), self.cell, self._output
        thnn.SeqLSTM_updateOutput(x, *self._weights(), *states, self.maskzero)

    def _gates(self, x: Any) -> Any:
        """What forward leaves for backward; None in evaluation."""
        shape = thnn.SeqLSTM_gates(*x.shape[:2], self.hiddensize, self._dtype)
        return self._fit("packed", shape) if self._complete else None

    def _heldGates(self) -> Any:
        return self._held("packed", thnn.SeqLSTM_gates(*self._x.shape[:2], self.hiddensize, self._dtype))

    def _backward(self, gradOutput: Any, zero: Any) -> None:
        self._complement()
        kept = self._heldGates(), self._sequence("cell"), self._state("c0")
        gradients = self.grad_h0, self.grad_c0, self.grad_x
        thnn.SeqLSTM_updateGradInput(self._weights()[0], *kept, gradOutput, *gradients)

    def _complement(self) -> None:
        """Run forward again if there are no gates: after a forward in evaluation, or where backward has used them."""
        if not self._complete:
            self._complete = True
            self._run(self._x)
        self._complete = False

    def _accumulate(self, x: Any, scale: float) -> None:
        gradients = self._gradients()[:2]
        kept = self._state("h0"), self._sequence("_output"), self._heldGates()
        thnn.SeqLSTM_accGradParameters(x, *kept, *gradients, scale)
        thnn.copy_back(gradients[0], self.gradWeight)
        thnn.copy_back(gradients[1], self.gradBias)

    def toFastLSTM(self) -> Any:
        """A FastLSTM with copies of the parameters and gradients."""
        D, H = self.inputsize, self.outputsize
        lstm = nn.FastLSTM(D, H).type(self.type())
        for whole, part in ((self.weight, "weight"), (self.gradWeight, "gradWeight")):
            for rows, module in ((whole[:D], lstm.i2g), (whole[D:], lstm.o2g)):
                getattr(module, part)[...] = self._fastOrder(rows).T
        lstm.i2g.bias[...] = self._fastOrder(self.bias)
        lstm.i2g.gradBias[...] = self._fastOrder(self.gradBias)
        return lstm

    @staticmethod
    def _fastOrder(columns: Any) -> Any:
        """Blocks i, f, o, g as i, g, f, o."""
        xp = arrays.array_module(columns)
        i, f, o, g = xp.split(columns, 4, axis=-1)
        return xp.concatenate([i, g, f, o], axis=-1)
