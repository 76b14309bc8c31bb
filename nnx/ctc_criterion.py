from __future__ import annotations

from typing import Any

import numpy as np

import nn
import nn.pytorch.functional as F
from torch7 import arrays, registry


@nn.register
class CTCCriterion(nn.Criterion):
    """Connectionist temporal classification: the loss of sequences whose labels are not aligned with their steps.

    ``loss = -sum over n of log P(target n) / N``, P the probability of all paths that give the labels once repetitions
    and blanks are left out; probabilities of a step are the softmax of its scores. Input: scores, ``T x N x C``,
    with ``batchFirst`` ``N x T x C``; class 1 is the blank, labels count from 1 for class 2. ``forward(input,
    target, sizes)``: target is a list of N lists of labels, ``sizes`` the steps of each sample (all by default).
    The gradient is that of the sum, N times the loss's, as Torch's is. Other ranks raise ``ValueError``, other
    labels ``IndexError``. Source: nnx, warp-ctc; Graves et al. (2006).
    """

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
        arguments = self._arguments(input, target)
        self.output = float(F.ctc_loss(*arguments)) / arguments[0].shape[1]
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        arguments = self._arguments(input, target)
        gradient = F.ctc_loss_backward(np.asarray(1, input.dtype), *arguments)[0]
        gradInput = self.resizeGradInput(input)
        gradInput[...] = np.swapaxes(gradient, 0, 1) if self.batchFirst else gradient
        return gradInput

    def _arguments(self, input: Any, target: Any) -> tuple:
        """What ``ctc_loss`` takes: log-probabilities with the time first, labels, and their numbers."""
        self.checkType(input)
        if input.ndim != 3 or not input.size:
            raise ValueError(f"{self}: input must be T x N x C, got {arrays.describe(input)}")
        x = np.swapaxes(input, 0, 1) if self.batchFirst else input
        labels = [np.asarray(row, np.float64).reshape(-1) for row in target]
        if len(labels) != x.shape[1]:
            raise ValueError(f"{self}: {len(labels)} targets for {x.shape[1]} samples of {arrays.describe(input)}")
        flat = np.concatenate([*labels, np.empty(0)])
        wrong = (flat != np.floor(flat)) | (flat < 1) | (flat >= x.shape[2])
        if wrong.any():
            raise IndexError(f"{self}: labels are 1..{x.shape[2] - 1}, got {flat[wrong][0]:g}")
        steps = np.full(len(labels), len(x)) if self.sizes is None else np.asarray(self.sizes).astype(np.int64)
        shifted = x - x.max(2, keepdims=True)
        logp = shifted - np.log(np.exp(shifted).sum(2, keepdims=True))
        return logp, flat.astype(np.int64), steps.reshape(-1), np.array([len(row) for row in labels]), 0, "sum"


registry.lacking(CTCCriterion, batchFirst=True)  # files from before there was a choice
