from __future__ import annotations

import warnings
from typing import Any, Self

from torch7 import arrays

from ..container import a_module
from ..criterion_base import Criterion, a_criterion
from ..extension import register
from ..module import Module


@register
class ModuleCriterion(Criterion):
    """A loss of what modules make of input and target: ``loss(f(x), g(t))``.

    ``inputModule`` f and ``targetModule`` g may be None. With ``castTarget`` False, g keeps its type when the criterion
    is converted. The gradient flows through f, whose parameters should not be trained; a warning says so if it has any.
    Errors are those of the criterion and the modules. Source: manual chapter "criterion".
    """

    def __init__(
        self,
        criterion: Criterion,
        inputModule: Module | None = None,
        targetModule: Module | None = None,
        castTarget: bool | None = None,
    ) -> None:
        super().__init__()
        self.criterion = a_criterion(self, criterion)
        self.inputModule = None if inputModule is None else a_module(self, inputModule)
        self.targetModule = None if targetModule is None else a_module(self, targetModule)
        self.castTarget = True if castTarget is None else castTarget
        if inputModule is not None and inputModule.parameters()[0]:
            warnings.warn("nn.ModuleCriterion: inputModule has parameters, which nobody updates", stacklevel=3)

    def _t7_fields(self) -> dict:
        """Lua's constructor makes no buffers."""
        new = arrays.is_array(self.gradInput) and not self.gradInput.size
        return {name: v for name, v in vars(self).items() if not new or name not in ("gradInput", "output")}

    def updateOutput(self, input: Any, target: Any) -> float:
        x = self.inputModule.forward(input) if self.inputModule is not None else input
        t = self.targetModule.forward(target) if self.targetModule is not None else target
        self.output = loss = self.criterion.forward(x, t)
        return loss

    def updateGradInput(self, input: Any, target: Any) -> Any:
        x = self.inputModule.output if self.inputModule is not None else input
        t = self.targetModule.output if self.targetModule is not None else target
        gradient = self.criterion.backward(x, t)
        if self.inputModule is not None:
            gradient = self.inputModule.backward(input, gradient)
        self.gradInput = gradient
        return gradient

    def type(self, type: str, tensorCache: dict | None = None) -> Self:
        targetModule = self.targetModule
        try:
            if not self.castTarget:
                self.targetModule = None
            return super().type(type, tensorCache)
        finally:
            self.targetModule = targetModule
