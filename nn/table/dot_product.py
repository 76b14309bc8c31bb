from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from .. import utils
from ..extension import register
from ..module import Module
from .operands import gradients, rows

EPSILON = 1e-12


class RowProducts(Module):
    """Base of the layers on two vectors, or on the rows of two matrices, that need their scalar products."""

    def __init__(self) -> None:
        super().__init__()
        self.gradInput = []

    _scratch = "buffer"

    def dot(self, a: Any, b: Any, result: Any) -> Any:
        """The scalar product of every row of ``a`` with that of ``b``, a column, in the buffer ``result``."""
        xp = arrays.array_module(a)
        products = self.resized(vars(self).get(self._scratch), a.shape)
        setattr(self, self._scratch, products)
        result = self.resized(result, (len(a), 1), a, b, products)
        xp.multiply(a, b, out=products)
        return xp.sum(products, axis=1, keepdims=True, out=result)

    def clearState(self) -> Self:
        vars(self).pop("_products", None)
        utils.clear(self, "buffer", "w1", "w22", "w", "w32")
        return super().clearState()


@register
class DotProduct(RowProducts):
    """The scalar product of two vectors, or of the rows of two matrices: ``output = sum a * b``.

    Input: a table of two vectors (output: 1 element) or two N x D matrices (output: N elements); other ranks raise
    ``ValueError``. Gradients: ``{gradOutput * b, gradOutput * a}``. Source: manual chapter "table".
    """

    def updateOutput(self, input: Any) -> Any:
        a, b = rows(self, input)
        self.output = self.resized(self.output, a.shape[:1], a, b)
        self.dot(a, b, self.output[:, None])
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        a, b = rows(self, input)
        column = self.gradOutputAs(gradOutput, a[:, 0].shape)[:, None]
        xp = arrays.array_module(a)
        for gradInput, other in zip(gradients(self, utils.sequence(input, self)[:2]), (b, a)):
            xp.multiply(other, column, out=gradInput.reshape(other.shape))
        return self.gradInput


@register
class CosineDistance(RowProducts):
    """The cosine of the angle between two vectors, or between the rows of two matrices (a similarity).

    ``output = a.b * w`` with ``w = 1 / sqrt((a.a + 1e-12) (b.b + 1e-12))``. Input: a table of two vectors (output: 1
    element) or two N x D matrices (output: N elements); other ranks raise ``ValueError``. The gradient by ``a`` is
    ``gradOutput * w * (b - a.b / (a.a + 1e-12) * a)``, that by ``b`` likewise. Source: manual chapter "table".
    """

    w1 = w22 = w32 = w = None
    _scratch = "_products"  # Lua's buffer is a column

    def updateOutput(self, input: Any) -> Any:
        a, b = rows(self, input)
        xp = arrays.array_module(a)
        self.w1 = self.dot(a, b, self.w1)
        self.w22 = self._inverse(xp, self.dot(a, a, self.w22))
        self.w32 = self._inverse(xp, self.dot(b, b, self.w32))
        self.w = self.resized(self.w, self.w1.shape)
        xp.multiply(self.w22, self.w32, out=self.w)
        xp.sqrt(self.w, out=self.w)
        self.output = self.resized(self.output, a.shape[:1], a, b)
        xp.multiply(self.w1, self.w, out=self.output[:, None])
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        a, b = rows(self, input)
        self.checkForward(a.shape[:1])
        self.checkType(gradOutput, "gradOutput")
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        gradA, gradB = gradients(self, utils.sequence(input, self)[:2])
        self._gradient(gradA.reshape(a.shape), a, b, self.w22, gradOutput)
        self._gradient(gradB.reshape(a.shape), b, a, self.w32, gradOutput)
        return self.gradInput

    def _inverse(self, xp: Any, x: Any) -> Any:
        x += EPSILON
        return xp.reciprocal(x, out=x)

    def _gradient(self, gradInput: Any, x: Any, other: Any, inverse: Any, gradOutput: Any) -> None:
        """``gradOutput * w * (other - w1 * inverse * x)``, row by row."""
        xp = arrays.array_module(x)
        factor = gradOutput[:, None] * self.w
        xp.multiply(x, self.w1 * inverse, out=gradInput)
        xp.subtract(other, gradInput, out=gradInput)
        gradInput *= factor
