from __future__ import annotations

from typing import Any

import nn
from nn.whole import whole
from torch7 import arrays


@nn.register
class TemporalCrossEntropyCriterion(nn.Criterion):
    """The cross entropy of sequences, whose places labelled 0 do not count.

    ``loss = -sum_(n, t: y > 0) log(exp(x[n, t, y]) / sum_j exp(x[n, t, j]))``, divided by N with ``batch_average``
    (True) and by T with ``time_average`` (False). Input: scores, ``N x T x C``; target ``N x T``, labels 0..C of any
    type. Other shapes raise ``ValueError``, other labels ``IndexError``. Source: densecap and torch-rnn.
    """

    batch_average = True
    time_average = False

    def __init__(self) -> None:
        super().__init__()
        self.batch_average, self.time_average = True, False
        self.lsm, self.nll = nn.LogSoftMax(), nn.ClassNLLCriterion(None, False, 0)

    def updateOutput(self, input: Any, target: Any) -> float:
        rows, labels = self._rows(input, target)
        self.output = self.nll.updateOutput(self.lsm.updateOutput(rows), labels) / self._count(input)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        rows, labels = self._rows(input, target)
        gradient = self.nll.updateGradInput(self.lsm.output, labels)
        gradient = self.lsm.updateGradInput(rows, gradient)
        gradient /= self._count(input)
        self.gradInput = gradient.reshape(input.shape)
        return self.gradInput

    def _rows(self, input: Any, target: Any) -> tuple[Any, Any]:
        self.checkType(input)
        if input.ndim != 3 or getattr(target, "shape", None) != input.shape[:2]:
            raise ValueError(
                f"{self}: input must be N x T x C and target N x T, got {arrays.describe([input, target])}"
            )
        return input.reshape(-1, input.shape[2]), whole(self, target).reshape(-1)

    def _count(self, input: Any) -> int:
        N, T, _ = input.shape
        return (N if self.batch_average else 1) * (T if self.time_average else 1)
