from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Whole
from torch7 import arrays, registry

BATCHES = Whole(nBatch=1)


@nn.register
class Balance(nn.Module):
    """Makes the categories of a SoftMax equally likely over the examples of the last batches.

    ``z = x / p``, ``y = z / sum_j z_j``, p being the share of each category in the last ``nBatch`` (10) batches. The
    gradient takes p and the sum as constants. In evaluation the input passes. Input: ``N x C``; ``ValueError`` for
    another rank. Source: nnx.
    """

    _transient = ("_saved",)

    def __init__(self, nBatch: int | None = None) -> None:
        super().__init__()
        self.nBatch = 10 if nBatch is None else nBatch
        BATCHES(self)
        self.inputCache, self.prob, self.sum = (arrays.empty(self._type) for _ in range(3))
        self.batchSize, self.startIdx, self.train = 0, 1, True

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim != 2:
            raise ValueError(f"{self}: only works with batches, N x C, got {arrays.describe(input)}")
        output = self.resizeOutput(input)
        if self.train is False:
            output[...] = input
            return output
        N, C = input.shape
        rows = self._cache(N, C)
        rows[...] = input
        self.startIdx = 1 if self.startIdx + N > len(self.inputCache) else self.startIdx + N
        xp = arrays.array_module(input)
        self.prob, self.sum = self.resized(self.prob, (1, C)), self.resized(self.sum, (N, 1))
        xp.sum(self.inputCache, 0, keepdims=True, out=self.prob)
        self.prob /= self.prob.sum()
        xp.divide(input, self.prob, out=output)
        xp.sum(output, 1, keepdims=True, out=self.sum)
        output /= self.sum
        return output

    def _cache(self, N: int, C: int) -> Any:
        """The rows that take the batch at hand."""
        (batches,) = BATCHES(self)
        cache = self.resized(self.inputCache, (batches * N, C))
        if cache is not self.inputCache or self.batchSize != N or not 1 <= self.startIdx <= len(cache) - N + 1:
            cache.fill(0)
            self.inputCache, self.batchSize, self.startIdx = cache, N, 1
        return cache[int(self.startIdx) - 1 : int(self.startIdx) - 1 + N]

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput[...] = self.gradOutputAs(gradOutput, input)
        if self.train is not False:
            if self.sum.shape != (len(input), 1) or self.prob.shape != (1, input.shape[-1]):
                raise ValueError(f"{self}: call forward before backward, with the same input")
            gradInput /= self.sum
            gradInput /= self.prob
        return gradInput

    def clearState(self) -> Balance:
        nn.utils.clear(self, "inputCache", "prob", "sum")
        self.batchSize, self.startIdx = 0, 1
        return super().clearState()


registry.lacking(Balance, nBatch=10)
