from __future__ import annotations

from math import sqrt
from typing import Any, Self

import nn
from nn import thnn
from torch7 import arrays
from torch7.random import normal

from .seq_lstm import SIZES, SeqLSTM


@nn.register
class SeqLSTMP(SeqLSTM):
    """:class:`nn.SeqLSTM` whose output is projected: ``r[t] = h[t] weightO``, and r[t-1] takes the place of h[t-1].

    ``inputsize`` D, ``hiddensize`` H of cells and gates, ``outputsize`` R of the output. ``weight`` is
    ``(D + R) x 4 H``, ``weightO`` ``H x R``. Input: ``T x N x D``, or with states ``{h0, x}`` and ``{c0, h0, x}``, h0
    of ``N x R`` and c0 of ``N x H``; output ``T x N x R``. The elements R + 1 to 2 R of ``bias`` are 1 at first.
    ``ValueError`` unless ``2 R <= 4 H``. Source: manual of rnn; Sak et al. (2014), Long short-term memory recurrent
    neural network architectures for large scale acoustic modeling.
    """

    _trained = ("weight", "bias", "weightO")
    gradWeightO: Any = None

    def __init__(self, inputsize: int, hiddensize: int, outputsize: int) -> None:
        nn.Module.__init__(self)
        if outputsize > 2 * hiddensize:
            raise ValueError(f"nn.SeqLSTMP: outputsize {outputsize} is more than twice hiddensize {hiddensize}")
        self.inputsize, self.hiddensize, self.outputsize = inputsize, hiddensize, outputsize
        inputsize, hiddensize, outputsize = SIZES(self)
        self._make(inputsize + outputsize)
        xp, size = arrays.module_of(self._type), (hiddensize, outputsize)
        self.weightO, self.gradWeightO = xp.empty(size, self._dtype), xp.zeros(size, self._dtype)
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """As SeqLSTM's, then draw weightO from N(0, stdv), by default 1 / (outputsize + hiddensize) for its square."""
        super().reset(stdv)
        normal(self.weightO, 0, 1 / sqrt(self.outputsize + self.hiddensize) if stdv is None else stdv)
        return self

    def parameters(self) -> tuple[list, ...]:
        return [self.weight, self.bias, self.weightO], [self.gradWeight, self.gradBias, self.gradWeightO]

    def defaultAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        gradient, self.gradWeightO = self.gradWeightO, self.weightO
        try:
            super().defaultAccUpdateGradParameters(input, gradOutput, lr)
        finally:
            self.gradWeightO = gradient

    def _gradSequences(self) -> dict[str, int]:
        return {**super()._gradSequences(), "gradTotal": self.outputsize}

    def _parameterShapes(self) -> dict[str, tuple[int, ...]]:
        return {**super()._parameterShapes(), "weightO": (self.hiddensize, self.outputsize)}

    def _run(self, x: Any) -> None:
        weights, size = (*self._weights(), thnn.contiguous(self.weightO)), (x.shape[1], self.hiddensize)
        hidden = self._fit("hidden", (len(x), *size)) if self._complete else self._room("step", (1, *size))
        buffers = self._gates(x), self.cell, hidden, self._output
        thnn.SeqLSTMP_updateOutput(x, *weights, self.h0, self.c0, *buffers, self.maskzero)

    def _backward(self, gradOutput: Any, zero: Any) -> None:
        self._complement()
        kept = self._heldGates(), self._sequence("cell"), self._state("c0")
        weights = self._weights()[0], thnn.contiguous(self.weightO)
        gradients = self.gradTotal, self.grad_h0, self.grad_c0, self.grad_x
        thnn.SeqLSTMP_updateGradInput(*weights, *kept, gradOutput, *gradients)

    def _accumulate(self, x: Any, scale: float) -> None:
        super()._accumulate(x, scale)
        gradient = self._gradients()[2]
        hidden = self._held("hidden", (*x.shape[:2], self.hiddensize))
        thnn.SeqLSTMP_accGradProjection(hidden, self._sequence("gradTotal"), gradient, scale)
        thnn.copy_back(gradient, self.gradWeightO)

    def toFastLSTM(self) -> Any:
        raise NotImplementedError("nn.SeqLSTMP: a FastLSTM has no projection")
