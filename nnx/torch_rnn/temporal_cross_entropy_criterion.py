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
    type. The field ``lsm`` is the soft maximum, between Views. Other shapes raise ``ValueError``, other labels
    ``IndexError``. Source: torch-rnn, densecap.
    """

    batch_average = True
    time_average = False
    _transient = ("_nll",)
    _nll: Any = None

    def __init__(self) -> None:
        super().__init__()
        self.batch_average, self.time_average = True, False
        self.lsm = nn.Sequential().add(nn.View(1, 1, -1).setNumInputDims(3)).add(nn.LogSoftMax())
        self.lsm.add(nn.View(1, -1).setNumInputDims(2))

    def updateOutput(self, input: Any, target: Any) -> float:
        rows, labels = self._rows(input, target)
        self.output = self._likelihood().updateOutput(self._soft().updateOutput(rows), labels) / self._count(input)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        rows, labels = self._rows(input, target)
        gradient = self._soft().updateGradInput(rows, self._likelihood().updateGradInput(self._soft().output, labels))
        gradient /= self._count(input)
        self.gradInput = gradient.reshape(input.shape)
        return self.gradInput

    def _soft(self) -> nn.Module:
        """The LogSoftMax in ``lsm``: rows need no Views."""
        return next(m for m in self.lsm.listModules() if isinstance(m, nn.LogSoftMax))

    def _likelihood(self) -> nn.Criterion:
        if self._nll is None or self._nll._dtype != self._dtype:
            self._nll = nn.ClassNLLCriterion(None, False, 0).type(arrays.type_name(self._soft().output))
        return self._nll

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
