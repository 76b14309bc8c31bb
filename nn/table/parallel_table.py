from __future__ import annotations

from typing import Any

from torch7 import registry

from .. import utils
from ..container import Container, branches
from ..extension import register
from ..module import Module


@register
class ParallelTable(Container):
    """A module for each entry of a table: ``{a(input[1]), b(input[2]), ...}``.

    Entries without a module are ignored, a module without an entry raises ``ValueError``. Outputs and gradients are the
    modules' own. Source: manual chapter "table".
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__()
        self.output, self.gradInput = [], []
        for module in modules:
            self.add(module)

    def updateOutput(self, input: Any) -> list:
        self.output = utils.refilled(self.output, self._each("updateOutput", self.entries(input)))
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        gradInputs = self._each("updateGradInput", self.entries(input), self.entries(gradOutput, "gradOutput"))
        self.gradInput = utils.refilled(self.gradInput, gradInputs)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._scaled("accGradParameters", input, gradOutput, scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float | None = None) -> None:
        self._scaled("accUpdateGradParameters", input, gradOutput, lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float | None = None) -> None:
        self._scaled("sharedAccUpdateGradParameters", input, gradOutput, lr)

    def _scaled(self, method: str, input: Any, gradOutput: Any, factor: float | None) -> None:
        factors = [1 if factor is None else factor] * len(self.modules)
        self._each(method, self.entries(input), self.entries(gradOutput, "gradOutput"), factors)

    def _each(self, method: str, *tables: Any) -> list:
        """What ``method`` of every module returns for its entries of the tables."""
        calls = enumerate(zip(self.modules, *tables), 1)
        return [self.rethrowErrors(module, i, method, *args) for i, (module, *args) in calls]

    def __tostring__(self) -> str:
        return branches(registry.class_name(type(self)), self.modules)
