"""Bases of containers whose modules stand side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch7 import registry

from .container import Container, branches
from .module import Module


class Branches(Container):
    """Base of containers each of whose modules has its own part of the gradient: a subclass names them in ``parts``."""

    def parts(self, input: Any, gradOutput: Any) -> Iterator[tuple[int, Module, Any, Any]]:
        """1-based position, module, its input and its gradOutput, for every module that ran."""
        raise NotImplementedError

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._everywhere("accGradParameters", input, gradOutput, 1 if scale is None else scale)

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._everywhere("accUpdateGradParameters", input, gradOutput, lr)

    def sharedAccUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        self._everywhere("sharedAccUpdateGradParameters", input, gradOutput, lr)

    def _everywhere(self, method: str, input: Any, gradOutput: Any, factor: float) -> None:
        for i, module, x, part in self.parts(input, gradOutput):
            self.rethrowErrors(module, i, method, x, part, factor)

    def __tostring__(self) -> str:
        return branches(registry.class_name(type(self)), self.modules)


class BranchesOfOneInput(Branches):
    """Base of containers that give every module the whole input: gradInput is the sum of the modules'."""

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self._summed("updateGradInput", input, gradOutput)

    def backward(self, input: Any, gradOutput: Any, scale: float | None = None) -> Any:
        return self._summed("backward", input, gradOutput, 1 if scale is None else scale)

    def _summed(self, method: str, input: Any, gradOutput: Any, *scale: float) -> Any:
        """The sum of what ``method`` of every module returns; a module whose gradInput is None adds nothing."""
        first = True
        for i, module, x, part in self.parts(input, gradOutput):
            gradInput = self.rethrowErrors(module, i, method, x, part, *scale)
            if gradInput is not None:
                self.addGradInput(input, gradInput, first)
                first = False
        if first:
            self.gradInput = None
        return self.gradInput
