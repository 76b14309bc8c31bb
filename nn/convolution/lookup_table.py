from __future__ import annotations

from typing import Any, NoReturn, Self

import numpy as np

from torch7 import arrays
from torch7.random import normal

from .. import sums, thnn
from ..extension import register
from ..module import Module
from ..numbers import MOST, Real, Whole
from ..whole import check_whole

PADDING, MAX_NORM, NORM_TYPE = Whole(paddingValue=-MOST), Real("maxNorm"), Real("normType")


@register
class LookupTable(Module):
    """Rows of a learned table: ``output[n] = weight[input[n]]``, such as the vectors of words.

    Input: 1-based indices, n or ``m x n``, of any integer or float type; output ``n x nOutput`` or ``m x n x nOutput``.
    ``weight`` is ``nIndex x nOutput``. ``gradInput`` is 0, in the input's shape and type.

    ``paddingValue`` (0 for none): the index of a row that gets no gradient. ``maxNorm``: rows that are used are first
    scaled down to this norm, of type ``normType``, 2 by default. An index out of range raises ``IndexError``, other
    ranks ``ValueError``. Source: manual chapter "convolution".
    """

    paddingValue = 0
    maxNorm: float | None = None
    normType: float | None = None
    shouldScaleGradByFreq = False
    #: Weight and gradient that were found to fit together.
    _fitted: tuple = (None, None)
    _transient = ("_fitted",)

    def __init__(
        self,
        nIndex: int,
        nOutput: int,
        paddingValue: int | None = None,
        maxNorm: float | None = None,
        normType: float | None = None,
    ) -> None:
        super().__init__()
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = xp.empty((nIndex, nOutput), dtype), xp.zeros((nIndex, nOutput), dtype)
        self.paddingValue = 0 if paddingValue is None else paddingValue
        self.maxNorm, self.normType = maxNorm, normType
        self.reset()

    def reset(self, stdv: float | None = None) -> Self:
        """Draw weight from N(0, stdv), stdv being 1 by default."""
        normal(self.weight, 0, 1 if stdv is None else stdv)
        return self

    def accUpdateOnly(self) -> Self:
        """Give up ``gradWeight`` to save memory: only accUpdateGradParameters works from now on; returns the module."""
        self.gradWeight = None
        return self

    def setPadding(self, paddingValue: int) -> Self:
        """Change the index that gets no gradient; returns the module."""
        self.paddingValue = paddingValue
        return self

    def setMaxNorm(self, maxNorm: float | None) -> Self:
        """Change the largest norm of a row, None for any; returns the module."""
        self.maxNorm = maxNorm
        return self

    def setNormType(self, normType: float) -> Self:
        """Change the type of the norm; returns the module."""
        self.normType = normType
        return self

    def scaleGradByFreq(self) -> Self:
        """Divide each row's gradient by how often it was used; returns the module."""
        self.shouldScaleGradByFreq = True
        return self

    def updateOutput(self, input: Any) -> Any:
        indices = self._indices(input)
        if self.maxNorm is not None:
            self.renorm(indices)
        read = (indices,) if indices.base is input else (input, indices)
        output = self.output = self.resized(self.output, (*input.shape, self.weight.shape[1]), *read)
        thnn.LookupTable_updateOutput(indices, thnn.contiguous(self.weight), output.reshape(indices.size, -1))
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.gradInput is None:
            return None
        self.gradInput = arrays.resized(self.unshared(self.gradInput, input), input.shape, input)
        sums.zero(self.gradInput)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        indices = self._indices(input)
        nOutput = self.weight.shape[1]
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, (*input.shape, nOutput))).reshape(-1, nOutput)
        fitted = self._fitted
        if self.weight is not fitted[0] or self.gradWeight is not fitted[1]:
            self.checkFields(gradWeight=self.weight.shape)
            self._fitted = self.weight, self.gradWeight
        counts = None
        if self.shouldScaleGradByFreq:
            counts = arrays.array_module(indices).bincount(indices - 1, minlength=len(self.weight))
        scale = 1 if scale is None else scale
        gradWeight = thnn.contiguous(self.gradWeight)
        thnn.LookupTable_accGradParameters(indices, gradOutput, gradWeight, counts, *PADDING(self), scale)
        thnn.copy_back(gradWeight, self.gradWeight)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.defaultAccUpdateGradParameters(input, gradOutput, lr)

    def makeGradients(self) -> None:
        if vars(self).get("gradWeight", ...) is not None:  # None: given up by accUpdateOnly
            super().makeGradients()

    def zeroGradParameters(self) -> LookupTable:
        return self if self.gradWeight is None else super().zeroGradParameters()

    def renorm(self, input: Any) -> None:
        """Scale the rows that ``input`` names and whose norm exceeds ``maxNorm`` down to it."""
        (p,) = (2,) if self.normType is None else NORM_TYPE(self)
        if p <= 0:
            raise ValueError(f"nn.LookupTable: norm type must be positive, got {p}")
        rows = arrays.array_module(input).unique(self._indices(input))
        thnn.LookupTable_renorm(rows, self.weight, *MAX_NORM(self), p)

    def _indices(self, input: Any) -> Any:
        """``input`` as a vector of int64, after a check."""
        if not arrays.is_array(input):
            raise TypeError(f"nn.LookupTable: input must be a tensor of indices, got {arrays.describe(input)}")
        self.checkType(self.weight, "weight")
        if self.weight.ndim != 2:
            raise ValueError(f"nn.LookupTable: weight must be a matrix, got {arrays.describe(self.weight)}")
        if input.ndim not in (1, 2):
            raise ValueError(f"nn.LookupTable: input must be a vector or matrix, got {arrays.describe(input)}")
        if input.dtype == np.int64 and arrays.plain(input):
            indices = input.reshape(-1)
        else:
            indices = self._input = self.resizeIndices((input.size,), input, "_input")
            check_whole(self, input, "indices")
            indices.reshape(input.shape)[...] = input
        bad, words = thnn.Labels_outside(indices, len(self.weight)), len(self.weight)
        if bad != -1:
            thnn.refused(bad, lambda place: _refuse(indices, words))
        return indices

    def clearState(self) -> Self:
        vars(self).pop("_input", None)
        return super().clearState()


def _refuse(indices: Any, words: int) -> NoReturn:
    raise IndexError(f"nn.LookupTable: index out of range 1..{words}: {int(indices.min())}..{int(indices.max())}")
