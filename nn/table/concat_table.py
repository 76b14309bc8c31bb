from __future__ import annotations

from typing import Any

from torch7 import registry

from .. import utils
from ..container import Container, branches
from ..doors import register


@register
class ConcatTable(Container):
    """Modules side by side on one input; the output is the table of theirs: ``{a(input), b(input), ...}``.

    The outputs are not copied. The gradient by the input, a tensor or a table, is the sum of those of the modules.
    Source: manual chapter "table".
    """

    def __init__(self) -> None:
        super().__init__()
        self.output = []

    def updateOutput(self, input: Any) -> list:
        rethrow = self.rethrowErrors
        outputs = [rethrow(module, i, "updateOutput", input) for i, module in enumerate(self.modules, 1)]
        self.output = utils.refilled(self.output, outputs)
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
        gradOutput = self.entries(gradOutput, "gradOutput")
        first = True
        for i, module in enumerate(self.modules, 1):
            gradInput = self.rethrowErrors(module, i, method, input, gradOutput[i - 1], *scale)
            if gradInput is not None:
                self.addGradInput(input, gradInput, first)
                first = False
        if first:
            self.gradInput = None
        return self.gradInput

    def _everywhere(self, method: str, input: Any, gradOutput: Any, factor: float) -> None:
        gradOutput = self.entries(gradOutput, "gradOutput")
        for i, module in enumerate(self.modules, 1):
            self.rethrowErrors(module, i, method, input, gradOutput[i - 1], factor)

    def __tostring__(self) -> str:
        return branches(registry.class_name(type(self)), self.modules)
