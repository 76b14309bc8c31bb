from __future__ import annotations

from typing import Any

import nn
from nn import utils
from nn.container import indented
from nn.numbers import Whole
from torch7 import arrays, registry

from .abstract_sequencer import AbstractSequencer, recurrent

RHO = Whole(rho=1)


@nn.register
class Repeater(AbstractSequencer):
    """Runs a recurrent module ``rho`` times on one input: ``output = {module(input), module(input), ...}``.

    Each forward starts a new sequence. The output is a table of copies, gradOutput a table of ``rho`` gradients, and
    ``gradInput`` the sum of those of the steps. A module that is not recurrent is put into a :class:`nn.Recursor`.
    ``TypeError`` unless ``rho`` is a number. Source: manual of rnn.
    """

    def __init__(self, module: nn.Module, rho: int) -> None:
        super().__init__()
        if not isinstance(rho, int) or rho < 1:
            raise TypeError(f"nn.Repeater: expecting number value for arg 2, got {rho!r}")
        self.rho = rho
        self.module = recurrent(self, module)
        self.modules = [self.module]
        self.module.maxBPTTstep(rho)
        self.output: list = []

    def updateOutput(self, input: Any) -> list:
        self.module.forget()
        self.output = self.output if isinstance(self.output, list) else []
        for t in range(*RHO(self)):
            buffer = self.output[t] if t < len(self.output) else None
            self.output[t : t + 1] = [utils.recursiveCopy(buffer, self.module.updateOutput(input))[0]]
        del self.output[self.rho :]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradients = self._gradients(gradOutput)
        for t in range(self.rho - 1, -1, -1):
            gradInput = self.module.updateGradInput(input, gradients[t])
            self.addGradInput(input, gradInput, t == self.rho - 1)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        gradients = self._gradients(gradOutput)
        for t in range(self.rho - 1, -1, -1):
            self.module.accGradParameters(input, gradients[t], 1 if scale is None else scale)

    def maxBPTTstep(self, rho: int) -> None:
        """Change the number of steps."""
        self.rho = rho
        self.module.maxBPTTstep(rho)

    def _gradients(self, gradOutput: Any) -> Any:
        if not utils.is_table(gradOutput):
            raise TypeError(f"nn.Repeater: expecting gradOutput table, got {arrays.describe(gradOutput)}")
        gradients = utils.sequence(gradOutput)
        if len(gradients) != self.rho:
            raise ValueError(f"nn.Repeater: gradOutput should have rho elements: {len(gradients)} and {self.rho}")
        return gradients

    def __tostring__(self) -> str:
        lines = [
            f"{registry.class_name(type(self))} {{",
            "  [  input,    input,  ...,  input  ]",
            "       V         V             V     ",
            "  " + indented(repr(self.modules[0]), "  "),
            "       V         V             V     ",
            f"  [output(1),output(2),...,output({self.rho})]",
            "}",
        ]
        return "\n".join(lines)
