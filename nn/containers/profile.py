from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from torch7 import Timer, registry

from ..extension import register
from ..module import Module
from .decorator import Decorator


@register
class Profile(Decorator):
    """Times a module: prints the seconds that its last ``print_interval`` passes took together.

    ``print_interval`` defaults to 100, ``name`` to the module's class. Forward passes and updateGradInput are counted
    apart; accGradParameters is not timed. Errors are those of the modules, with their place as a note. Source: manual
    chapter "containers".
    """

    def __init__(self, module: Module, print_interval: int | None = None, name: str | None = None) -> None:
        super().__init__(module)
        self.print_interval = 100 if print_interval is None else print_interval
        self.name = registry.class_name(type(module)) if name is None else name
        self.module = module
        self.timer = Timer()
        self.numFwds = self.numBwds = 0
        self.summedFwdTime = self.summedBwdTime = 0.0

    def updateOutput(self, input: Any) -> Any:
        start = perf_counter()
        output = super().updateOutput(input)
        self.summedFwdTime += perf_counter() - start
        self.numFwds += 1
        if self.numFwds == self.print_interval:
            self._report(self.summedFwdTime, "forward")
            self.numFwds, self.summedFwdTime = 0, 0.0
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        start = perf_counter()
        gradInput = super().updateGradInput(input, gradOutput)
        self.summedBwdTime += perf_counter() - start
        self.numBwds += 1
        if self.numBwds == self.print_interval:
            self._report(self.summedBwdTime, "backward")
            self.numBwds, self.summedBwdTime = 0, 0.0
        return gradInput

    def replace(self, callback: Callable[[Module], Module]) -> Module:
        new = super().replace(callback)
        self.module = self.modules[0]
        return new

    def _report(self, seconds: float, direction: str) -> None:
        print(f"{self.name} took {seconds:.3f} seconds for {self.print_interval} {direction} passes")
