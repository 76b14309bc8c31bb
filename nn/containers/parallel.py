from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch7 import arrays

from .. import joining
from ..branches import Branches
from ..extension import register
from ..module import Module


@register
class Parallel(Branches):
    """A module for each slice of the input; the outputs are joined along a dimension.

    Module i gets slice i of ``inputDimension``, which has one dimension less than the input; the outputs are joined
    along ``outputDimension``. Both are 1-based. The input decides how many modules run: extra ones are left out,
    too few raise ``IndexError``. Source: manual chapter "containers".
    """

    _transient = ("_slices", "_parts")

    def __init__(self, inputDimension: int, outputDimension: int) -> None:
        super().__init__()
        self.inputDimension = inputDimension
        self.outputDimension = outputDimension
        self._restore()

    def _restore(self) -> None:
        super()._restore()
        self._slices: list = []
        self._parts: list = []

    def updateOutput(self, input: Any) -> Any:
        count = self._count(input)
        outputs = [
            self.rethrowErrors(module, i + 1, "updateOutput", self._slice(input, i))
            for i, module in enumerate(self.modules[:count])
        ]
        axis = joining.axis_of(self, self.outputDimension, outputs[0])
        self.output = self.resized(self.output, joining.joined_shape(self, outputs, axis), input, *outputs)
        arrays.array_module(self.output).concatenate(outputs, axis, out=self.output)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = self.resized(self.gradInput, input.shape, input, gradOutput, self.output)
        for i, module, x, part in self.parts(input, gradOutput):
            gradInput = self.rethrowErrors(module, i, "updateGradInput", x, part)
            target = joining.slice_of(self.gradInput, self.inputDimension - 1, i - 1)
            target[...] = 0 if gradInput is None else gradInput.reshape(target.shape)
        return self.gradInput

    def parts(self, input: Any, gradOutput: Any) -> Iterator[tuple[int, Module, Any, Any]]:
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        axis, offset = self.outputDimension - 1, 0
        for i in range(self._count(input)):
            module = self.modules[i]
            size = module.output.shape[axis]
            part = joining.part(gradOutput, axis, offset, size)
            offset += size
            yield i + 1, module, self._slice(input, i), joining.compact(self._parts, i, part)

    def _count(self, input: Any) -> int:
        axis = joining.axis_of(self, self.inputDimension, input)
        count = input.shape[axis]
        if not 1 <= count <= len(self.modules):
            raise IndexError(
                f"nn.Parallel: {count} slices in {arrays.describe(input)}, but {len(self.modules)} modules"
            )
        return count

    def _slice(self, input: Any, i: int) -> Any:
        return joining.compact(self._slices, i, joining.slice_of(input, self.inputDimension - 1, i))
