from __future__ import annotations

from typing import Any

from torch7 import arrays

from ..constructors import number
from ..container import Container, a_module, indented
from ..extension import register
from ..module import Module


@register
class Sequential(Container):
    """Modules one after the other: the output of each is the input of the next.

    ``nn.Sequential().add(a).add(b)``, or ``nn.Sequential(a, b)``, computes ``b(a(input))``. An empty one returns its
    input, and gradOutput as the gradient. Errors are those of the modules, with their place as a note.
    Source: manual chapter "containers".
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__()
        for module in modules:
            Sequential.add(self, module)

    def add(self, module: Module) -> Sequential:
        """Append a module; returns the container."""
        super().add(module)
        return self._rebound()

    def insert(self, module: Module, index: int | None = None) -> Sequential:
        """Put a module at 1-based ``index`` (at the end if None); ``IndexError`` unless it is at most size() + 1."""
        index = len(self.modules) + 1 if index is None else number(index)
        if not 1 <= index <= len(self.modules) + 1:
            raise IndexError(f"index should be contiguous to existing modules: 1..{len(self.modules) + 1}, got {index}")
        self.modules.insert(index - 1, a_module(self, module))
        return self._rebound()

    def remove(self, index: int | None = None) -> Sequential:
        """Take out the module at 1-based ``index`` (the last if None); ``IndexError`` where there is none."""
        index = len(self.modules) if index is None else number(index)
        if not 1 <= index <= len(self.modules):
            raise IndexError(f"index out of range: 1..{len(self.modules)}, got {index}")
        del self.modules[index - 1]
        return self._rebound()

    def _rebound(self) -> Sequential:
        """``gradInput`` is the first module's and ``output`` the last one's."""
        self.gradInput = self.modules[0].gradInput if self.modules else arrays.empty(self._type)
        self.output = self.modules[-1].output if self.modules else arrays.empty(self._type)
        return self

    def updateOutput(self, input: Any) -> Any:
        i = 0
        try:
            for module in self.modules:
                i += 1
                input = module.updateOutput(input)
        except Exception as error:
            self._locate(error, i)
            raise
        self.output = input
        return input

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        modules = self.modules
        if not modules:
            return self._passed(gradOutput)
        i = len(modules)
        try:
            while i > 1:
                i -= 1
                gradOutput = modules[i].updateGradInput(modules[i - 1].output, gradOutput)
            i = 0
            self.gradInput = gradOutput = modules[0].updateGradInput(input, gradOutput)
        except Exception as error:
            self._locate(error, i + 1)
            raise
        return gradOutput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._backwards("accGradParameters", input, gradOutput, 1 if scale is None else scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._backwards("accUpdateGradParameters", input, gradOutput, lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._backwards("sharedAccUpdateGradParameters", input, gradOutput, lr)

    def _backwards(self, method: str, input: Any, gradOutput: Any, factor: float) -> None:
        """Call ``method`` on every module from the last to the first, each with the gradient of its output."""
        modules = self.modules
        i = len(modules)
        try:
            while i > 1:
                i -= 1
                getattr(modules[i], method)(modules[i - 1].output, gradOutput, factor)
                gradOutput = modules[i].gradInput
            i = 0
            if modules:
                getattr(modules[0], method)(input, gradOutput, factor)
        except Exception as error:
            self._locate(error, i + 1)
            raise

    def backward(self, input: Any, gradOutput: Any, scale: float | None = None) -> Any:
        scale = 1 if scale is None else scale
        modules = self.modules
        if not modules:
            return self._passed(gradOutput)
        i = len(modules)
        try:
            while i > 1:
                i -= 1
                gradOutput = modules[i].backward(modules[i - 1].output, gradOutput, scale)
                modules[i].gradInput = gradOutput
            i = 0
            self.gradInput = gradOutput = modules[0].backward(input, gradOutput, scale)
        except Exception as error:
            self._locate(error, i + 1)
            raise
        return gradOutput

    def _passed(self, gradOutput: Any) -> Any:
        """The gradient of an empty network."""
        self.gradInput = gradOutput
        return gradOutput

    def __tostring__(self) -> str:
        chain = "".join(f"({i}) -> " for i in range(1, len(self.modules) + 1))
        lines = ["nn.Sequential {", f"  [input -> {chain}output]"]
        lines += [f"  ({i}): {indented(repr(m), '  ')}" for i, m in enumerate(self.modules, 1)]
        return "\n".join([*lines, "}"])
