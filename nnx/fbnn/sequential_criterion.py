from __future__ import annotations

from typing import Any

import nn


@nn.register
class SequentialCriterion(nn.Criterion):
    """A criterion after a module: ``loss = criterion(module(input), target)``; the module's parameters are its own.

    Source: fbnn.
    """

    def __init__(self, module: nn.Module, criterion: nn.Criterion) -> None:
        super().__init__()
        self.module, self.criterion = module, criterion

    def parameters(self) -> tuple[list, ...]:
        return self.module.parameters()

    def updateOutput(self, input: Any, target: Any) -> float:
        self.output = self.criterion.forward(self.module.forward(input), target)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        gradient = self.criterion.backward(self.module.output, target)
        self.gradInput = self.module.backward(input, gradient)
        return self.gradInput
