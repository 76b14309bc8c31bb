from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch7 import arrays

from .. import joining
from ..branches import BranchesOfOneInput
from ..extension import register
from ..module import Module


@register
class Concat(BranchesOfOneInput):
    """Modules side by side on one input; their outputs are joined along a dimension.

    ``nn.Concat(2).add(a).add(b)`` computes ``a(input)`` and ``b(input)`` joined along ``dimension`` (1-based); the
    outputs agree in all other sizes (``ValueError`` otherwise). The gradient with respect to the
    input, a tensor or a table, is the sum of those of the modules. Source: manual chapter "containers".
    """

    _transient = ("_parts",)

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.dimension = dimension
        self._restore()

    def _restore(self) -> None:
        super()._restore()
        self._parts: list = []

    @property
    def outputSize(self) -> tuple[int, ...]:
        """Sizes of the last output."""
        return self.output.shape

    def updateOutput(self, input: Any) -> Any:
        rethrow = self.rethrowErrors
        outputs = [rethrow(module, i, "updateOutput", input) for i, module in enumerate(self.modules, 1)]
        if outputs:
            self.output = self.resized(self.output, self._joinedShape(outputs), input, *outputs)
            self._join(outputs)
        return self.output

    def parts(self, input: Any, gradOutput: Any) -> Iterator[tuple[int, Module, Any, Any]]:
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        offset = 0
        for i, module in enumerate(self.modules):
            window = self._window(gradOutput, module.output, offset)
            offset += module.output.shape[self.dimension - 1]
            yield i + 1, module, input, joining.compact(self._parts, i, window)

    def _joinedShape(self, outputs: list) -> tuple[int, ...]:
        return joining.joined_shape(self, outputs, joining.axis_of(self, self.dimension, outputs[0]))

    def _join(self, outputs: list) -> None:
        arrays.array_module(self.output).concatenate(outputs, self.dimension - 1, out=self.output)

    def _window(self, whole: Any, output: Any, offset: int) -> Any:
        """The part of ``whole`` where a module's ``output`` lies, at ``offset`` along the dimension."""
        return joining.part(whole, self.dimension - 1, offset, output.shape[self.dimension - 1])
