from __future__ import annotations

from typing import Any

import nn
from nn.container import a_module

from .abstract_recurrent import AbstractRecurrent

#: Layers whose gradients by the parameters do not depend on the parameters, and what may hold them.
DIRECT = nn.Linear, nn.LookupTable, nn.NCEModule, nn.Sequential, nn.ParallelTable, nn.ConcatTable


@nn.register
class Recursor(AbstractRecurrent):
    """Makes any module recurrent: each step runs on a clone of ``module`` that shares its parameters.

    Recurrent modules inside it count their own steps and are not cloned. Input and output are those of ``module``.
    ``rho``: 9999999. Errors are those of the modules, with their place as a note. Source: manual of rnn.
    """

    def __init__(self, module: nn.Module, rho: int | None = None) -> None:
        super().__init__(9999999 if rho is None else rho, a_module(self, module))
        self.module = module

    def updateOutput(self, input: Any) -> Any:
        return self.stepped(self.stepModule().updateOutput(input))

    def _updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self._at(self.updateGradInputStep - 1).updateGradInput(input, gradOutput)

    def _accGradParameters(self, input: Any, gradOutput: Any, scale: float) -> None:
        self._at(self.accGradParametersStep - 1).accGradParameters(input, gradOutput, scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        if not self.updatesDirectly():
            super().accUpdateGradParameters(input, gradOutput, lr)
            return
        self._beforeAccumulation()
        self._at(self.accGradParametersStep - 1).accUpdateGradParameters(input, gradOutput, lr)
        self.accGradParametersStep -= 1

    def updatesDirectly(self) -> bool:
        return all(type(m) in DIRECT or not m.parameters()[0] for m in self.module.listModules())

    def maxBPTTstep(self, rho: int) -> None:
        self.rho = rho
        nn.Module.maxBPTTstep(self, rho)

    def getHiddenState(self, step: int | None = None, input: Any = None) -> Any:
        """The state of ``module``."""
        return self.modules[0].getHiddenState(step, input)

    def setHiddenState(self, step: int, hiddenState: Any) -> None:
        self.modules[0].setHiddenState(step, hiddenState)

    def getGradHiddenState(self, step: int | None = None) -> Any:
        return self.modules[0].getGradHiddenState(step)

    def setGradHiddenState(self, step: int, gradHiddenState: Any) -> None:
        self.modules[0].setGradHiddenState(step, gradHiddenState)

    def _recurs(self, module: nn.Module) -> None:
        super()._recurs(module)
        self.module = module

    def __tostring__(self) -> str:
        return f"{self._name()} @ {self.module}"
