from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import utils
from ..branches import BranchesOfOneInput
from ..extension import register
from ..module import Module


@register
class ConcatTable(BranchesOfOneInput):
    """Modules side by side on one input; the output is the table of theirs: ``{a(input), b(input), ...}``.

    The outputs are not copied. The gradient with respect to the input, a tensor or a table, is the sum of those of the
    modules. Errors are those of the modules, with their place as a note. Source: manual chapter "table".
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__()
        self.output = []
        for module in modules:
            self.add(module)

    def updateOutput(self, input: Any) -> list:
        rethrow = self.rethrowErrors
        outputs = [rethrow(module, i, "updateOutput", input) for i, module in enumerate(self.modules, 1)]
        self.output = utils.refilled(self.output, outputs)
        return self.output

    def parts(self, input: Any, gradOutput: Any) -> Iterator[tuple[int, Module, Any, Any]]:
        gradOutput = self.entries(gradOutput, "gradOutput")
        for i, module in enumerate(self.modules, 1):
            yield i, module, input, gradOutput[i - 1]
