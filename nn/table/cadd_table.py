from __future__ import annotations

from typing import Any

from torch7 import arrays, registry

from .. import sums, utils
from ..extension import register
from ..module import Module
from .operands import gradients, operands


@register
class CAddTable(Module):
    """The sum of a table of tensors: ``output = x1 + x2 + ... + xn``; every gradient is gradOutput.

    Input: tensors with equal numbers of elements (``ValueError`` otherwise); output in the shape of the first. With
    ``inplace`` (default False) the sum is written over the first and all gradients are gradOutput itself.
    Source: manual chapter "table".
    """

    def __init__(self, inplace: bool | None = None) -> None:
        super().__init__()
        self.inplace = inplace
        self.gradInput = []

    def updateOutput(self, input: Any) -> Any:
        first, *others = operands(self, input)
        self.output = output = first if self.inplace else self.resizeOutput(first)
        if not others:
            sums.copy(first, output)
        for x in others:
            sums.add(first, x, output)
            first = output
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        table = utils.sequence(input, self)
        gradOutput = self.gradOutputAs(gradOutput, table[0].shape)
        if self.inplace:
            self.gradInput = utils.refilled(self.gradInput, [gradOutput.reshape(x.shape) for x in table])
            return self.gradInput
        for gradInput in gradients(self, table):
            sums.copy(gradOutput, gradInput)
        return self.gradInput


@register
class CSubTable(Module):
    """The difference of two tensors, ``output = x1 - x2``; the gradients are gradOutput and -gradOutput.

    Input: a table of two tensors with equal numbers of elements; output in the shape of the first. Further tensors are
    ignored. ``TypeError`` for another type, ``ValueError`` for different numbers of elements. Source: manual chapter
    "table".
    """

    def __init__(self) -> None:
        super().__init__()
        self.gradInput = []

    def updateOutput(self, input: Any) -> Any:
        a, b = operands(self, input, 2, 2)
        output = self.resizeOutput(a)
        sums.subtract(a, b, output)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        a, b = gradients(self, utils.sequence(input, self)[:2])
        gradOutput = self.gradOutputAs(gradOutput, a.shape)
        sums.copy(gradOutput, a)
        sums.negate(gradOutput.reshape(b.shape), b)
        return self.gradInput


@register
class CAddTensorTable(Module):
    """A tensor added to every tensor of a table: ``{v, {t1, ..., tk}}`` -> ``{t1 + v, ..., tk + v}``.

    All have equal numbers of elements (``ValueError`` otherwise); the outputs take ``v``'s shape. Gradients:
    ``{sum of gradOutput, {gradOutput1, ..., gradOutputk}}``. Source: manual chapter "table".
    """

    def __init__(self) -> None:
        super().__init__()
        self.gradInput = []

    def updateOutput(self, input: Any) -> list:
        v, *table = self._operands(input)
        self.output = utils.recursiveResizeAs(self.output, table)[0]
        for x, output in zip(table, self.output):
            arrays.array_module(output).add(x, v, out=output)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        v, table = utils.sequence(input, self)
        table = list(utils.sequence(table, self))
        gradOutput = operands(self, gradOutput)
        if len(gradOutput) != len(table):
            raise ValueError(f"nn.CAddTensorTable: {len(gradOutput)} gradients for {len(table)} tensors")
        self.gradInput = utils.recursiveResizeAs(self.gradInput, [v, table])[0]
        gradV, gradTable = self.gradInput
        gradV.fill(0)
        for x, g in zip(gradTable, gradOutput):
            gradV += g.reshape(v.shape)
            x[...] = g.reshape(x.shape)
        return self.gradInput

    def _operands(self, input: Any) -> list:
        pair = utils.sequence(input, self)
        if len(pair) != 2 or not utils.is_table(pair[1]):
            name = registry.class_name(type(self))
            raise ValueError(f"{name}: input must be table of tensor and table, got {arrays.describe(input)}")
        return operands(self, [pair[0], *utils.sequence(pair[1])])
