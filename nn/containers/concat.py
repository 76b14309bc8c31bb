from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import joining, sums
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
            part = self._part(i, gradOutput, module.output, offset)
            offset += module.output.shape[self.dimension - 1]
            yield i + 1, module, input, part

    def _joinedShape(self, outputs: list) -> tuple[int, ...]:
        return joining.joined_shape(self, outputs, joining.axis_of(self, self.dimension, outputs[0]))

    def _join(self, outputs: list) -> None:
        sums.join(outputs, self.dimension - 1, self.output)

    def _part(self, i: int, whole: Any, output: Any, offset: int) -> Any:
        """The part of ``whole`` where module number ``i``'s ``output`` lies, at ``offset`` along the dimension."""
        axis = self.dimension - 1
        window = joining.part(whole, axis, offset, output.shape[axis])
        if window.flags.c_contiguous:
            return window
        buffer = joining.buffer_for(self._parts, i, window)
        sums.part(whole, axis, offset, buffer, window)
        return buffer
