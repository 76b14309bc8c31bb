from __future__ import annotations

from math import sqrt
from typing import Any, Self

import nn
from nn import thnn
from nn.numbers import Whole
from torch7 import arrays
from torch7.random import normal

from .sequence_layer import SequenceLayer

SIZES = Whole(inputSize=1, outputSize=1)


@nn.register
class SeqGRU(SequenceLayer):
    """Gated recurrent units over whole sequences, far faster than a :class:`nn.GRU` in a Sequencer.

    ``[r, u] = sigmoid(bias + x[t] W + h[t-1] U)``, ``n = tanh(bias_n + x[t] W_n + (r * h[t-1]) U_n)``,
    ``h[t] = (1 - u) * n + u * h[t-1]``. ``weight``, ``(inputSize + outputSize) x 3 outputSize``, holds W over U, its
    columns in blocks r, u, n; it is drawn from N(0, 1 / (inputSize + outputSize)). ``bias`` is 0, that of u 1.

    Input: x, ``T x N x inputSize``, or ``{h0, x}`` with the state before the first step, ``N x outputSize``, otherwise
    zeros; output ``T x N x outputSize``. ``gradInput`` is a table as the input is. ``batchfirst``, ``maskzero``,
    ``remember``, ``userPrevOutput``, ``gradPrevOutput`` and ``userGradPrevOutput`` are as for :class:`nn.SeqLSTM`.
    Other ranks and sizes raise ``ValueError``. Source: manual of rnn.
    """

    def __init__(self, inputSize: int, outputSize: int) -> None:
        super().__init__()
        self.inputSize, self.outputSize = inputSize, outputSize
        inputSize, outputSize = SIZES(self)
        self.seqLength = self.miniBatch = 1
        xp, dtype, size = arrays.module_of(self._type), self._dtype, (inputSize + outputSize, 3 * outputSize)
        self.weight, self.gradWeight = xp.empty(size, dtype), xp.zeros(size, dtype)
        self.bias, self.gradBias = xp.empty(size[1], dtype), xp.zeros(size[1], dtype)
        self._prepare()
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Set bias to 0, that of the update gate to 1, and draw weight from N(0, stdv)."""
        H = self.outputSize
        self.bias.fill(0)
        self.bias[H : 2 * H] = 1
        normal(self.weight, 0, 1 / sqrt(H + self.inputSize) if stdv is None else stdv)
        return self

    def _inputSize(self) -> int:
        SIZES(self)
        return self.inputSize

    def _parameterShapes(self) -> dict[str, tuple[int, ...]]:
        columns = 3 * self.outputSize
        return {"weight": (self.inputSize + self.outputSize, columns), "bias": (columns,)}

    def _sequences(self) -> dict[str, int]:
        return {"gates": 3 * self.outputSize, "reset_h": self.outputSize, "_output": self.outputSize}

    def _gradSequences(self) -> dict[str, int]:
        return {"gradGates": 3 * self.outputSize, "grad_x": self.inputSize}

    def _forward(self, x: Any, zero: Any) -> None:
        buffers = self.gates, self.reset_h, self._output
        thnn.SeqGRU_updateOutput(x, *self._weights(), self.h0, *buffers, zero)

    def _backward(self, gradOutput: Any, zero: Any) -> None:
        gradients = self.grad_h0, self.gradGates, self.grad_x
        kept = self._sequence("gates"), self._sequence("_output"), self._state("h0")
        thnn.SeqGRU_updateGradInput(self._weights()[0], *kept, gradOutput, *gradients, zero)

    def _accumulate(self, x: Any, scale: float) -> None:
        gradients, sequences = self._gradients(), ("reset_h", "_output", "gradGates")
        kept = self._state("h0"), *map(self._sequence, sequences)
        thnn.SeqGRU_accGradParameters(x, *kept, *gradients, scale)
        thnn.copy_back(gradients[0], self.gradWeight)
        thnn.copy_back(gradients[1], self.gradBias)

    def toGRU(self) -> Any:
        """A GRU with copies of the parameters and gradients."""
        D, H = self.inputSize, self.outputSize
        gru = nn.GRU(D, H).type(self.type())
        for mine, weights, bias in zip(
            gru.parameters()[:2], (self.weight, self.gradWeight), (self.bias, self.gradBias)
        ):
            parts = [weights[:D, : 2 * H].T, bias[: 2 * H], weights[D:, : 2 * H].T]
            parts += [weights[:D, 2 * H :].T, bias[2 * H :], weights[D:, 2 * H :].T]
            for target, source in zip(mine, parts):
                target[...] = source
        return gru
