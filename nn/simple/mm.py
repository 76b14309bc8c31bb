from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays, registry

from .. import thnn, utils
from ..extension import register
from ..module import Module


class Product(Module):
    """What MM and MV share: checks of the pair of inputs, and the pair of gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.gradInput: Any = [arrays.empty(self._type), arrays.empty(self._type)]

    def _pair(self, input: Any, ranks: tuple) -> tuple[Any, Any]:
        name = registry.class_name(type(self))
        if not utils.is_table(input) or len(input) != 2:
            raise TypeError(f"{name}: input must be a pair of tensors, got {arrays.describe(input)}")
        for x in input:
            self.checkType(x)
        a, b = input
        if (a.ndim, b.ndim) not in ranks or (a.ndim == 3 and len(a) != len(b)):
            raise ValueError(f"{name}: inputs must be matrices or equally long batches, got {arrays.describe([a, b])}")
        return a, b

    def _mismatch(self, a: Any, b: Any) -> ValueError:
        return ValueError(f"{registry.class_name(type(self))}: sizes do not match: {arrays.describe([a, b])}")

    def _gradients(self, a: Any, b: Any) -> tuple[Any, Any]:
        gradInput = self.gradInput if utils.is_table(self.gradInput) and len(self.gradInput) == 2 else (None, None)
        self.gradInput = [self.resized(g, x.shape, a, b, self.output) for g, x in zip(gradInput, (a, b))]
        return self.gradInput


@register
class MM(Product):
    """The matrix product of a pair: ``output = op(A) op(B)``, where op transposes if ``transA``, ``transB`` say so.

    Input ``[A, B]``: two matrices, ``m x k`` and ``k x n``, or two batches, ``N x m x k`` and ``N x k x n``; output
    ``m x n`` or ``N x m x n``. Other ranks and sizes raise ``ValueError``. Source: manual chapter "simple".
    """

    def __init__(self, transA: bool | None = None, transB: bool | None = None) -> None:
        super().__init__()
        self.transA, self.transB = bool(transA), bool(transB)

    def updateOutput(self, input: Any) -> Any:
        a, b = self._pair(input, ((2, 2), (3, 3)))
        output = self.resizeOutput(a, self._shape(a, b))
        thnn.MM_product(thnn.contiguous(a), self.transA, thnn.contiguous(b), self.transB, output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        a, b = self._pair(input, ((2, 2), (3, 3)))
        g = thnn.contiguous(self.gradOutputAs(gradOutput, self._shape(a, b)))
        gradA, gradB = self._gradients(a, b)
        a, b = thnn.contiguous(a), thnn.contiguous(b)
        if self.transA:
            thnn.MM_product(b, self.transB, g, True, gradA)
        else:
            thnn.MM_product(g, False, b, not self.transB, gradA)
        if self.transB:
            thnn.MM_product(g, True, a, self.transA, gradB)
        else:
            thnn.MM_product(a, not self.transA, g, False, gradB)
        return self.gradInput

    def _shape(self, a: Any, b: Any) -> tuple[int, ...]:
        """The shape of the product; ``ValueError`` where there is none."""
        rows, inner = a.shape[-2:][:: -1 if self.transA else 1]
        depth, columns = b.shape[-2:][:: -1 if self.transB else 1]
        if inner != depth:
            raise self._mismatch(a, b)
        return *a.shape[:-2], rows, columns


@register
class MV(Product):
    """The product of a matrix and a vector: ``output = op(M) v``, where op transposes if ``trans`` says so.

    Input ``[M, v]``: ``m x n`` and n elements, or batches, ``N x m x n`` and ``N x n``; output m elements or ``N x m``.
    Other ranks and sizes raise ``ValueError``, a ``trans`` that is no bool ``TypeError``.
    Source: the class of the same name in Torch's nn.
    """

    def __init__(self, trans: bool | None = None) -> None:
        super().__init__()
        if trans is not None and not isinstance(trans, bool):
            raise TypeError(f"nn.MV: trans must be True or False, got {arrays.describe(trans)}")
        self.trans = bool(trans)

    def updateOutput(self, input: Any) -> Any:
        matrix, vector = self._pair(input, ((2, 1), (3, 2)))
        output = self.resizeOutput(matrix, self._shape(matrix, vector))
        column = thnn.contiguous(vector)[..., np.newaxis]
        thnn.MM_product(thnn.contiguous(matrix), self.trans, column, False, output[..., np.newaxis])
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        matrix, vector = self._pair(input, ((2, 1), (3, 2)))
        g = thnn.contiguous(self.gradOutputAs(gradOutput, self._shape(matrix, vector)))[..., np.newaxis]
        gradMatrix, gradVector = self._gradients(matrix, vector)
        column = thnn.contiguous(vector)[..., np.newaxis]
        left, right = (column, g) if self.trans else (g, column)
        arrays.array_module(matrix).multiply(left, right.swapaxes(-1, -2), out=gradMatrix)
        thnn.MM_product(thnn.contiguous(matrix), not self.trans, g, False, gradVector[..., np.newaxis])
        return self.gradInput

    def _shape(self, matrix: Any, vector: Any) -> tuple[int, ...]:
        """The shape of the product; ``ValueError`` where there is none."""
        rows, columns = matrix.shape[-2:][:: -1 if self.trans else 1]
        if columns != vector.shape[-1]:
            raise self._mismatch(matrix, vector)
        return *matrix.shape[:-2], rows
