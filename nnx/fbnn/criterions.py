"""fbnn's criterions."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.whole import whole
from torch7 import arrays, registry


@nn.register
class TrueNLLCriterion(nn.Criterion):
    """The negative logarithm of the probability of the class: ``loss = -mean log x[n, t]``, with ``sizeAverage`` False
    the sum.

    Input: C probabilities or ``N x C``; target: a label or N, 1..C of any type. The gradient is ``-1 / (x + 1e-8)``.
    ``ValueError`` for other shapes, ``IndexError`` for other labels. Source: fbnn.
    """

    EPS = 1e-8
    sizeAverage = True

    def __init__(self) -> None:
        super().__init__()
        self.sizeAverage = True

    def updateOutput(self, input: Any, target: Any) -> float:
        rows, n, labels = self._rows(input, target)
        with np.errstate(divide="ignore", invalid="ignore"):
            self.output = -float(np.log(rows[n, labels].astype(np.float64)).sum()) * self._share(n)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        rows, n, labels = self._rows(input, target)
        gradInput = self.resizeGradInput(input, None)
        gradInput.fill(0)
        gradInput.reshape(rows.shape)[n, labels] = -self._share(n) / (rows[n, labels] + self.EPS)
        return gradInput

    def _share(self, n: Any) -> float:
        return 1 / len(n) if self.sizeAverage else 1.0

    def _rows(self, input: Any, target: Any) -> tuple[Any, Any, Any]:
        self.checkType(input)
        labels = target if arrays.is_array(target) else np.array([target])
        if input.ndim not in (1, 2) or not input.size or labels.size != input[..., 0].size:
            raise ValueError(f"{self}: input must be C or N x C, target N: {arrays.describe([input, target])}")
        rows, labels = input.reshape(-1, input.shape[-1]), whole(self, labels).reshape(-1)
        if labels.min() < 1 or labels.max() > rows.shape[1]:
            raise IndexError(f"{self}: labels are 1..{rows.shape[1]}, got {labels.min()}..{labels.max()}")
        return rows, np.arange(len(rows)), labels - 1


@nn.register
class ClassNLLCriterionWithUNK(nn.Criterion):
    """A ClassNLLCriterion for which samples labelled ``unk_index`` do not count.

    Where there are such samples the loss is the sum over the others, else, with ``sizeAverage`` (True), the mean: as in
    fbnn, whose gradients are so too. Input: ``N x C`` or C log-probabilities. Source: fbnn.
    """

    def __init__(self, unk_index: int | None = None, sizeAverage: bool | None = None) -> None:
        super().__init__()
        self.unk_index, self.crit = unk_index, nn.ClassNLLCriterion(None, sizeAverage)

    def updateOutput(self, input: Any, target: Any) -> float:
        known, labels = self._known(input, target)
        self.output = 0.0
        if known is None:
            self.output = self.crit.updateOutput(input, target)
        elif known.any():
            self.output = self.crit.updateOutput(input[known], labels[known]) * self._factor(known)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        known, labels = self._known(input, target)
        gradInput = self.resizeGradInput(input, None)
        gradInput.fill(0)
        if known is None:
            gradInput[...] = self.crit.updateGradInput(input, target)
        elif known.any():
            gradInput[known] = self.crit.updateGradInput(input[known], labels[known]) * self._factor(known)
        return gradInput

    def _factor(self, known: Any) -> int:
        return int(known.sum()) if self.crit.sizeAverage else 1

    def _known(self, input: Any, target: Any) -> tuple[Any, Any]:
        """Which samples count, None where all do, and their labels."""
        self.checkType(input)
        labels = arrays.given(target).reshape(-1)
        known = labels != self.unk_index
        if known.all():
            return None, labels
        if input.ndim == 1:
            return np.zeros(input.shape, bool, like=input), labels
        if input.ndim != 2 or len(labels) != len(input):
            raise ValueError(f"{self}: input must be N x C, target N: {arrays.describe([input, target])}")
        return known, labels


class LogSumExp(nn.Criterion):
    """Base of losses of the log of the sum of exponentials of every row; there is no target."""

    sizeAverage = True

    def __init__(self, sizeAverage: bool | None = None) -> None:
        super().__init__()
        self.sizeAverage, self.threshold, self.LSE = sizeAverage is not False, 20, arrays.empty()

    def forward(self, input: Any, target: Any = None) -> float:
        return self.updateOutput(input, target)

    def backward(self, input: Any, target: Any = None) -> Any:
        return self.updateGradInput(input, target)

    def logs(self, input: Any) -> tuple[Any, Any]:
        """``log sum exp x`` and ``log(1 + sum exp x)`` of every row, ``N x 1``."""
        self.checkType(input)
        if input.ndim != 2 or not input.size:
            raise ValueError(f"{self}: input must be N x C, got {arrays.describe(input)}")
        most = input.max(1, keepdims=True)
        inner = np.log(np.exp(input - most).sum(1, keepdims=True)) + most
        return inner, np.logaddexp(inner, 0).astype(input.dtype)


@nn.register
class SoftPlusLSECriterion(LogSumExp):
    """``loss = sum over rows of log(1 + sum_j exp x_j)``, whatever ``sizeAverage`` says. Input: ``N x C``. Source:
    fbnn.
    """

    def updateOutput(self, input: Any, target: Any = None) -> float:
        _, self.LSE = self.logs(input)
        self.output = float(self.LSE.sum())
        return self.output

    def updateGradInput(self, input: Any, target: Any = None) -> Any:
        _, outer = self.logs(input)
        gradInput = self.resizeGradInput(input, target)
        return np.exp(input - outer, out=gradInput)


@nn.register
class SoftPlusLSEMinusLSECriterion(LogSumExp):
    """``loss = sum over rows of log(1 + s) - log s``, ``s = sum_j exp x_j``. Input: ``N x C``. Source: fbnn."""

    def updateOutput(self, input: Any, target: Any = None) -> float:
        self.LSE, outer = self.logs(input)
        self.output = float((outer - self.LSE).sum())
        return self.output

    def updateGradInput(self, input: Any, target: Any = None) -> Any:
        inner, outer = self.logs(input)
        gradInput = self.resizeGradInput(input, target)
        np.exp(input - outer, out=gradInput)
        gradInput -= np.exp(input - inner)
        return gradInput


registry.lacking(TrueNLLCriterion, sizeAverage=True)
