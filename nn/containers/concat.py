from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch7 import arrays, registry

from .. import joining
from ..container import Container, branches
from ..doors import register
from ..module import Module


@register
class Concat(Container):
    """Modules side by side on one input; their outputs are joined along a dimension.

    ``nn.Concat(2).add(a).add(b)`` computes ``a(input)`` and ``b(input)`` joined along ``dimension`` (1-based); the
    outputs agree in all other sizes (``ValueError`` otherwise). The gradient by the input, a tensor or a table, is the
    sum of those of the modules. Source: manual chapter "containers".
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
            self.output = self.resized(self.output, self._joinedShape(outputs))
            self._join(outputs)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self._backwards("updateGradInput", input, gradOutput)

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._everywhere("accGradParameters", input, gradOutput, 1 if scale is None else scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._everywhere("accUpdateGradParameters", input, gradOutput, lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._everywhere("sharedAccUpdateGradParameters", input, gradOutput, lr)

    def backward(self, input: Any, gradOutput: Any, scale: float | None = None) -> Any:
        return self._backwards("backward", input, gradOutput, 1 if scale is None else scale)

    def _backwards(self, method: str, input: Any, gradOutput: Any, *scale: float) -> Any:
        """The sum of the modules' gradients; a module whose gradInput is None adds nothing."""
        first = True
        for i, module, part in self._parts_of(gradOutput):
            gradInput = self.rethrowErrors(module, i, method, input, part, *scale)
            if gradInput is not None:
                self.addGradInput(input, gradInput, first)
                first = False
        if first:
            self.gradInput = None
        return self.gradInput

    def _everywhere(self, method: str, input: Any, gradOutput: Any, factor: float) -> None:
        for i, module, part in self._parts_of(gradOutput):
            self.rethrowErrors(module, i, method, input, part, factor)

    def _parts_of(self, gradOutput: Any) -> Iterator[tuple[int, Module, Any]]:
        """1-based position, module and its compact part of ``gradOutput``."""
        gradOutput = self.checkGradOutput(gradOutput, self.output)
        offset = 0
        for i, module in enumerate(self.modules):
            window = self._window(gradOutput, module.output, offset)
            offset += module.output.shape[self.dimension - 1]
            yield i + 1, module, joining.compact(self._parts, i, window)

    def _joinedShape(self, outputs: list) -> tuple[int, ...]:
        return joining.joined_shape(self, outputs, joining.axis_of(self, self.dimension, outputs[0]))

    def _join(self, outputs: list) -> None:
        arrays.array_module(self.output).concatenate(outputs, self.dimension - 1, out=self.output)

    def _window(self, whole: Any, output: Any, offset: int) -> Any:
        """The part of ``whole`` where a module's ``output`` lies, at ``offset`` along the dimension."""
        return joining.part(whole, self.dimension - 1, offset, output.shape[self.dimension - 1])

    def __tostring__(self) -> str:
        return branches(registry.class_name(type(self)), self.modules)
