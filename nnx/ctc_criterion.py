from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn import thnn
from nn.pytorch.functional.ctc_loss import lattice_of, totals_of
from torch7 import arrays, registry


@nn.register
class CTCCriterion(nn.Criterion):
    """Connectionist temporal classification: the loss of sequences whose labels are not aligned with their steps.

    ``loss = -sum over n of log P(target n) / N``, P the probability of all paths that give the labels once repetitions
    and blanks are left out; probabilities of a step are the softmax of its scores. Input: scores, ``T x N x C``,
    with ``batchFirst`` ``N x T x C``; class 1 is the blank, labels count from 1 for class 2. ``forward(input,
    target, sizes)``: target is a list of N lists of labels, ``sizes`` the steps of each sample (all by default).
    A sample whose labels need more steps than it has adds 0, and has no gradient. The gradient is that of the sum, N
    times the loss's, as Torch's is. Other ranks and sizes raise ``ValueError``, other labels ``IndexError``.
    Source: nnx, warp-ctc; Graves et al. (2006).
    """

    _transient = ("_logp", "_alpha", "_gradient")
    batchFirst = False
    sizes: Any = None

    def __init__(self, batchFirst: bool | None = None) -> None:
        super().__init__()
        self.batchFirst = bool(batchFirst)

    def forward(self, input: Any, target: Any, sizes: Any = None) -> float:
        """The loss; ``sizes`` serve the backward after it."""
        self.sizes = sizes
        return self.updateOutput(input, target)

    def backward(self, input: Any, target: Any, sizes: Any = None) -> Any:
        self.sizes = self.sizes if sizes is None else sizes
        return self.updateGradInput(input, target)

    def updateOutput(self, input: Any, target: Any) -> float:
        _, totals = self._paths(input, target)
        self.output = (0.0 - float(totals[~np.isinf(totals)].sum())) / len(totals)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        lattice, totals = self._paths(input, target)
        factors = np.where(np.isinf(totals), 0.0, 1.0)
        gradInput = self.resizeGradInput(input)
        self._gradient = gradient = self._buffer("_gradient", self._logp) if self.batchFirst else gradInput
        thnn.CTC_updateGradInput(self._logp, gradient, lattice, self._alpha, totals, factors)
        if self.batchFirst:
            gradInput[...] = np.swapaxes(gradient, 0, 1)
        return gradInput

    def _paths(self, input: Any, target: Any) -> tuple[tuple, Any]:
        """The places and skips of the labels, and the logarithms of the sums over all paths; fills ``_logp``."""
        x = self._scores(input)
        labels, lengths = self._labels(target, x)
        lattice = tuple(np.asarray(t, like=x) for t in lattice_of(labels, self._steps(x), lengths, 0))
        self._logp = self._buffer("_logp", x)
        thnn.LogSoftMax_updateOutput(thnn.contiguous(x).reshape(-1, x.shape[2]), self._logp.reshape(-1, x.shape[2]))
        shape = (x.shape[1], len(x), lattice[0].shape[1] + 2)
        self._alpha = arrays.resized(vars(self).get("_alpha"), shape, np.empty(0, like=x))
        thnn.CTC_updateOutput(self._logp, lattice, self._alpha)
        return lattice, totals_of(self._alpha[..., 2:], *lattice[2:])

    def _buffer(self, name: str, like: Any) -> Any:
        return arrays.resized(vars(self).get(name), like.shape, like)

    def _scores(self, input: Any) -> Any:
        """The scores with the time first."""
        self.checkType(input)
        if input.ndim != 3 or not input.size:
            raise ValueError(f"{self}: input must be T x N x C, got {arrays.describe(input)}")
        return np.swapaxes(input, 0, 1) if self.batchFirst else input

    def _labels(self, target: Any, x: Any) -> tuple[Any, Any]:
        """Labels as rows, N x S, and how many of each count."""
        table = target if arrays.is_array(target) and target.ndim == 2 else nn.utils.sequence(target, self)
        rows = [arrays.here(arrays.given(row)).astype(np.float64).reshape(-1) for row in table]
        if len(rows) != x.shape[1]:
            raise ValueError(f"{self}: {len(rows)} targets for {x.shape[1]} samples of {arrays.describe(x)}")
        lengths = np.array([len(row) for row in rows])
        labels = np.zeros((len(rows), max(int(lengths.max()), 1)), np.int64)
        for place, row in zip(labels, rows):
            wrong = ~((row == np.floor(row)) & (row >= 1) & (row < x.shape[2]))
            if wrong.any():
                raise IndexError(f"{self}: labels are 1..{x.shape[2] - 1}, got {row[wrong][0]:g}")
            place[: len(row)] = row
        return labels, lengths

    def _steps(self, x: Any) -> Any:
        """The steps of each sample; ``ValueError`` unless they are whole numbers from 0 to T."""
        T, N = x.shape[:2]
        steps = (
            np.full(N, T)
            if self.sizes is None
            else arrays.here(arrays.given(self.sizes)).astype(np.float64).reshape(-1)
        )
        if len(steps) != N or not ((steps >= 0) & (steps <= T) & (steps == np.floor(steps))).all():
            raise ValueError(f"{self}: sizes must be {N} numbers from 0 to {T}, got {steps.tolist()}")
        return steps.astype(np.int64)


registry.lacking(CTCCriterion, batchFirst=True)  # files from before there was a choice
