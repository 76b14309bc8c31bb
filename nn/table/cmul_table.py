from __future__ import annotations

from typing import Any, Self

import numpy as np

from torch7 import arrays

from .. import sums, utils
from ..extension import register
from ..module import Module
from .operands import gradients, operands


@register
class CMulTable(Module):
    """The product of a table of tensors: ``output = x1 * x2 * ... * xn``, element by element.

    ``gradInput[i] = gradOutput * (product of all others)``, formed without division, so that it is right at zeros too.
    Input: tensors with equal numbers of elements (``ValueError`` otherwise); output in the shape of the first.
    Source: manual chapter "table".
    """

    def __init__(self) -> None:
        super().__init__()
        self.gradInput = []

    def updateOutput(self, input: Any) -> Any:
        first, *others = operands(self, input)
        output = self.resizeOutput(first)
        if not others:
            sums.copy(first, output)
        for x in others:
            sums.multiply(first, x, output)
            first = output
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        inputs = operands(self, input)
        product = gradOutput = self.gradOutputAs(gradOutput, inputs[0].shape)
        gradInputs = gradients(self, utils.sequence(input, self))
        if len(inputs) == 2:
            sums.multiply(gradOutput, inputs[0], gradInputs[1].reshape(product.shape))
            sums.multiply(gradOutput, inputs[1], gradInputs[0])
            return self.gradInput
        gradInputs = [g.reshape(product.shape) for g in gradInputs]
        for i in range(1, len(inputs)):  # gradOutput times the inputs before i
            sums.multiply(product, inputs[i - 1], gradInputs[i])
            product = gradInputs[i]
        after = inputs[-1]
        for i in range(len(inputs) - 2, 0, -1):  # times the inputs after i
            sums.multiply(gradInputs[i], after, gradInputs[i])
            self.tout = self.resized(vars(self).get("tout"), after.shape)
            sums.multiply(after, inputs[i], self.tout)
            after = self.tout
        if len(inputs) > 1:
            sums.multiply(gradOutput, after, gradInputs[0])
        else:
            sums.copy(gradOutput, gradInputs[0])
        return self.gradInput

    def updateGradInput_efficient(self, input: Any, gradOutput: Any) -> list:
        """``gradInput[i] = gradOutput * output / input[i]``: fewer products, NaN where ``input[i]`` is zero."""
        table = utils.sequence(input, self)
        gradOutput = self.gradOutputAs(gradOutput, table[0].shape)
        xp = arrays.array_module(gradOutput)
        for x, gradInput in zip(table, gradients(self, table)):
            xp.multiply(gradOutput.reshape(x.shape), self.output.reshape(x.shape), out=gradInput)
            gradInput /= x
        return self.gradInput

    def clearState(self) -> Self:
        utils.clear(self, "tout")
        return super().clearState()


@register
class CDivTable(Module):
    """The quotient of two tensors: ``output = x1 / x2``, element by element; infinite or NaN where ``x2`` is zero.

    ``gradInput = {gradOutput / x2, -gradOutput * x1 / x2^2}``. Input: a table of two tensors with equal numbers of
    elements; output in the shape of the first. Further tensors are ignored. ``TypeError`` for another type,
    ``ValueError`` for different numbers of elements. Source: manual chapter "table".
    """

    def __init__(self) -> None:
        super().__init__()
        self.gradInput = []

    def updateOutput(self, input: Any) -> Any:
        a, b = operands(self, input, 2, 2)
        output = self.resizeOutput(a)
        xp = arrays.array_module(output)
        with _ieee():
            xp.divide(a, b, out=output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        a, b = operands(self, input, 2, 2)
        gradOutput = self.gradOutputAs(gradOutput, a.shape)
        gradA, gradB = gradients(self, utils.sequence(input, self)[:2])
        gradB = gradB.reshape(a.shape)
        xp = arrays.array_module(a)
        with _ieee():
            xp.divide(gradOutput, b, out=gradA)
            xp.divide(gradA, b, out=gradB)
            gradB *= a
            xp.negative(gradB, out=gradB)
        return self.gradInput


def _ieee() -> Any:
    """Division by zero is no warning here."""
    return np.errstate(divide="ignore", invalid="ignore")
