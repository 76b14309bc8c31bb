from __future__ import annotations

from typing import Any

from torch7 import registry

from ..container import Container
from ..extension import register
from ..module import Module


class First:
    """The first of ``modules``, where an object has no field of its own by that name."""

    def __get__(self, decorator: Any, cls: type) -> Any:
        return self if decorator is None else decorator.modules[0]


@register
class Decorator(Container):
    """A container of one module that behaves as that module; the base of those that change one side of it.

    The module is ``modules[0]``, or ``module``. Output and gradInput are the module's own. Errors are those of the
    modules, with their place as a note. Source: manual chapter "containers".
    """

    module = First()

    def __init__(self, module: Module) -> None:
        super().__init__()
        self.add(module)

    def updateOutput(self, input: Any) -> Any:
        self.output = self.modules[0].updateOutput(input)
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.gradInput = self.modules[0].updateGradInput(input, gradOutput)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self.modules[0].accGradParameters(input, gradOutput, 1 if scale is None else scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.modules[0].accUpdateGradParameters(input, gradOutput, lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self.modules[0].sharedAccUpdateGradParameters(input, gradOutput, lr)

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))} @ {self.modules[0]}"

    @staticmethod
    def decorate(cls: type) -> type:
        """Give the class ``cls``, which keeps one module in ``modules``, the six methods above; returns it."""
        for name in DECORATED:
            setattr(cls, name, vars(Decorator)[name])
        return cls


DECORATED = (
    "updateOutput",
    "updateGradInput",
    "accGradParameters",
    "accUpdateGradParameters",
    "sharedAccUpdateGradParameters",
    "__tostring__",
)
