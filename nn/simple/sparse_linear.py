from __future__ import annotations

from math import sqrt
from typing import Any, Self

import numpy as np

from torch7 import arrays
from torch7.random import uniform

from .. import thnn, utils
from ..extension import register
from ..module import Module
from ..whole import whole


@register
class SparseLinear(Module):
    """A linear map of inputs that are mostly 0, given as pairs ``(index, value)`` of what is not: ``y = W x + b``.

    Input: one sample, ``nnz x 2``, or a batch: a list of such, or ``N x nnz x 2``. Indices are 1-based; pairs of
    value 0 are skipped, equal indices add up. Output ``outputSize`` or ``N x outputSize``. ``weight`` is ``outputSize
    x inputSize``. ``doGradInput`` (False) computes gradInput: a list of ``inputSize x 2`` tensors of all indices and
    their gradients, one for each sample; without it gradInput is ``[]``.

    After a single backward, :meth:`updateParameters` and :meth:`zeroGradParameters` touch the columns used alone.
    ``weightDecay`` (an attribute, 0) adds that much of the weight to its gradient. An index out of range raises
    ``IndexError``. Source: manual chapter "simple".
    """

    weightDecay = 0.0
    doGradInput = False
    touched: list | None = None

    def __init__(self, inputSize: int, outputSize: int, doGradInput: bool | None = None) -> None:
        super().__init__()
        if doGradInput is not None and not isinstance(doGradInput, bool):
            raise TypeError(f"nn.SparseLinear: doGradInput must be True or False, got {arrays.describe(doGradInput)}")
        self.doGradInput = bool(doGradInput)
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = (
            xp.empty((outputSize, inputSize), dtype),
            xp.zeros((outputSize, inputSize), dtype),
        )
        self.bias, self.gradBias = xp.empty(outputSize, dtype), xp.zeros(outputSize, dtype)
        self.gradInput: Any = []
        self.output = xp.zeros(outputSize, dtype)
        self.touched = []
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight, then bias, from U(-s, s): s = stdv * sqrt(3), or 1 / sqrt(inputSize); the bias times 1e-6."""
        bound = stdv * sqrt(3) if stdv is not None else 1 / sqrt(self.weight.shape[1] or 1)
        uniform(self.weight, -bound, bound)
        uniform(self.bias, -bound, bound)
        self.bias *= 1e-6
        return self

    def updateOutput(self, input: Any) -> Any:
        entries, samples = self._entries(input)
        outputSize = len(self.weight)
        self.checkFields(bias=(outputSize,))
        single = (arrays.is_array(input) and input.ndim == 2) or not samples
        shape = (outputSize,) if single else (samples, outputSize)
        output = self.output = self.resized(self.output, shape, entries)
        thnn.SparseLinear_updateOutput(entries, output.reshape(-1, outputSize), self.weight, self.bias)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if not self.doGradInput:
            self.gradInput = []
            return self.gradInput
        self.checkType(gradOutput, "gradOutput")
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, self.output)).reshape(-1, len(self.weight))
        inputSize = self.weight.shape[1]
        dense = self.resized(None, (len(gradOutput), inputSize))
        thnn.Linear_updateGradInput(gradOutput, dense, thnn.contiguous(self.weight))
        pairs = self.resized(None, (*dense.shape, 2))
        pairs[..., 0] = arrays.array_module(dense).arange(1, inputSize + 1)
        pairs[..., 1] = dense
        self.gradInput = pairs if arrays.is_array(input) and input.ndim == 3 else list(pairs)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        entries, samples = self._entries(input)
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, (max(samples, 1), len(self.weight))))
        self.checkFields(gradWeight=self.weight.shape, gradBias=self.weight.shape[:1])
        scale = 1 if scale is None else scale
        if self.weightDecay:
            self.gradWeight += scale * self.weightDecay * self.weight
        thnn.SparseLinear_accGradParameters(entries, gradOutput, self.gradWeight, self.gradBias, scale)
        self._touch(entries)

    def _touch(self, entries: Any) -> None:
        """Note the columns that have a gradient: ``touched`` is [], [columns] after one backward, or None for all."""
        if self.touched == [] and not self.weightDecay:
            self.touched = [arrays.array_module(entries).unique(entries[entries[:, 2] != 0, 1].astype(np.int64)) - 1]
        else:
            self.touched = None

    def updateParameters(self, learningRate: float) -> Self:
        if not self.touched:
            return super().updateParameters(learningRate)
        self.checkFields(gradWeight=self.weight.shape)
        columns, inputSize = self.touched[0], self.weight.shape[1]
        whole = arrays.is_array(columns) and columns.dtype == np.int64 and columns.ndim == 1
        if not whole or (columns.size and not 0 <= columns.min() <= columns.max() < inputSize):
            found = arrays.describe(columns)
            raise IndexError(f"nn.SparseLinear: touched must hold columns 0..{inputSize - 1}, got {found}")
        thnn.SparseLinear_updateParameters(columns, self.weight, self.gradWeight, learningRate)
        thnn.cadd(self.bias, -learningRate, self.gradBias)
        return self

    def zeroGradParameters(self) -> Self:
        if self.touched:
            self.gradWeight[:, self.touched[0]] = 0
            self.gradBias.fill(0)
        else:
            super().zeroGradParameters()
        self.touched = []
        return self

    def _entries(self, input: Any) -> tuple[Any, int]:
        """``input`` as a matrix of rows (sample, index, value), and the number of samples."""
        self.checkType(self.weight, "weight")
        parts = self._samples(input)
        counts = [len(x) for x in parts]
        entries = self.formatted_input = self.resized(vars(self).get("formatted_input"), (sum(counts), 3))
        start = 0
        for n, (x, count) in enumerate(zip(parts, counts), 1):
            entries[start : start + count, 0] = n
            entries[start : start + count, 1:] = x
            start += count
        indices = whole(self, entries[entries[:, 2] != 0, 1], "indices")
        if indices.size and not (indices.min() >= 1 and indices.max() < self.weight.shape[1] + 1):
            raise IndexError(
                f"nn.SparseLinear: index not within 1..{self.weight.shape[1]}: {indices.min()}..{indices.max()}"
            )
        return entries, len(parts)

    def _samples(self, input: Any) -> Any:
        """The samples of ``input``, ``nnz x 2`` each."""
        if arrays.is_array(input):
            self.checkType(input)
            if input.ndim not in (2, 3):
                raise ValueError(f"nn.SparseLinear: input must be nnz x 2 or N x nnz x 2, got {arrays.describe(input)}")
        elif not utils.is_table(input):
            raise TypeError(f"nn.SparseLinear: input must be a tensor or a list of them, got {arrays.describe(input)}")
        samples = [input] if arrays.is_array(input) and input.ndim == 2 else list(input)
        for x in samples:
            self.checkType(x)
            if x.ndim != 2 or x.shape[1] != 2:
                raise ValueError(f"nn.SparseLinear: a sample must be nnz x 2, got {arrays.describe(x)}")
        return samples

    def clearState(self) -> Self:
        vars(self).pop("formatted_input", None)
        self.gradInput = []
        return super().clearState()
