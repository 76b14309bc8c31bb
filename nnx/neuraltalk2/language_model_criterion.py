from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.whole import whole
from torch7 import arrays


@nn.register
class LanguageModelCriterion(nn.Criterion):
    """The mean negative log-probability of the words and the end of captions.

    Input: log-probabilities ``(D + 2) x N x (M + 1)``, as neuraltalk2's LanguageModel gives them; target: words ``D x
    N``, 1..M of any type, 0 behind the end. The first step does not count; the first 0 of a caption stands for the end,
    M + 1, and what follows does not count. ``ValueError`` for other shapes, ``IndexError`` for other words. Source:
    neuraltalk2.
    """

    def updateOutput(self, input: Any, target: Any) -> float:
        t, b, words = self._places(input, target)
        self.output = -float(input[t, b, words].astype(np.float64).sum()) / len(words)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        t, b, words = self._places(input, target)
        gradInput = self.resizeGradInput(input, target)
        gradInput.fill(0)
        gradInput[t, b, words] = -1 / len(words)
        return gradInput

    def _places(self, input: Any, target: Any) -> tuple[Any, Any, Any]:
        """The steps, captions and words, from 0, that count."""
        self.checkType(input)
        shape = getattr(target, "shape", ())
        if input.ndim != 3 or shape != (len(input) - 2, input.shape[1]) or not input.size:
            raise ValueError(
                f"{self}: input must be (D + 2) x N x (M + 1), target D x N, got {arrays.describe([input, target])}"
            )
        D, N = shape
        words = np.zeros((D + 1, N), np.int64, like=input)
        words[:D] = whole(self, target)
        ends = (words == 0).argmax(0)
        words[ends, np.arange(N, like=words)] = end = input.shape[2]
        if words.min() < 0 or words.max() > end:
            raise IndexError(f"{self}: words are 1..{end - 1}, got {words.min()}..{words.max()}")
        t, b = np.nonzero(words)
        return t + 1, b, words[t, b] - 1
