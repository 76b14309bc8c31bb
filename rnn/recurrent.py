from __future__ import annotations

from typing import Any, Self

import nn
from nn.container import a_module, indented
from torch7 import arrays

from .abstract_recurrent import AbstractRecurrent


@nn.register
class Recurrent(AbstractRecurrent):
    """A simple recurrent network, one step a call: ``y[t] = transfer(merge{input(x[t]), feedback(y[t-1])})``.

    The first step has no output before it: ``y[1] = transfer(start(input(x[1])))``. ``start``: a module, or the sizes
    of an :class:`nn.Add`, a number or a list; ``input``, ``feedback``: modules; ``transfer``: Sigmoid; ``merge``:
    CAddTable; ``rho``: 99999. Another ``start`` raises ``TypeError``. Source: manual of rnn.
    """

    first = 2

    def __init__(
        self,
        start: Any,
        input: nn.Module,
        feedback: nn.Module,
        transfer: nn.Module | None = None,
        rho: int | None = None,
        merge: nn.Module | None = None,
    ) -> None:
        super().__init__(rho)
        if isinstance(start, int | list | tuple):
            start = nn.Add(start)
        if not isinstance(start, nn.Module):
            kinds = "nn.Module, torch.LongStorage, number or table"
            raise TypeError(f"Recurrent : expecting arg 1 of type {kinds}, got {arrays.describe(start)}")
        self.startModule = start
        self.inputModule, self.feedbackModule = a_module(self, input), a_module(self, feedback)
        self.transferModule = nn.Sigmoid() if transfer is None else a_module(self, transfer)
        self.mergeModule = nn.CAddTable() if merge is None else a_module(self, merge)
        pair = nn.ParallelTable().add(input).add(feedback)
        self._recurs(nn.Sequential().add(pair).add(self.mergeModule).add(self.transferModule))
        self.modules = [start, input, feedback, self.transferModule, self.mergeModule]
        self.initialModule = self.buildInitialModule()

    def buildInitialModule(self) -> nn.Module:
        """The network of the first step."""
        initial = nn.Sequential().add(self.inputModule.sharedClone()).add(self.startModule)
        return initial.add(self.transferModule.sharedClone())

    def updateOutput(self, input: Any) -> Any:
        if self.step == 1:
            return self.stepped(self.initialModule.updateOutput(input))
        return self.stepAfter(input, self.outputs[self.step - 1])

    def _updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        step = self.updateGradInputStep - 1
        total = self._gradTotal(step, gradOutput, self.gradPrevOutput)
        if step == 1:
            return self.initialModule.updateGradInput(input, total)
        inputs = [input, self.outputs[step - 1]]
        gradInput, self.gradPrevOutput = self.getStepModule(step).updateGradInput(inputs, total)
        return gradInput

    def _accGradParameters(self, input: Any, gradOutput: Any, scale: float) -> None:
        step = self.accGradParametersStep - 1
        if step == 1:
            self.initialModule.accGradParameters(input, self._gradOutputs[1], scale)
        else:
            inputs = [input, self.outputs[step - 1]]
            self.getStepModule(step).accGradParameters(inputs, self._gradOutputs[step], scale)

    def maskZero(self, nInputDim: int) -> AbstractRecurrent:
        raise NotImplementedError(f"{self._name()} has another module for its first step: use nn.Recurrence for masks")

    trimZero = maskZero

    def _rewarded(self, step: int) -> nn.Module:
        return self.initialModule if step == 1 else super()._rewarded(step)

    def _everything(self) -> list[nn.Module]:
        return [*super()._everything(), self.initialModule]

    def share(self, other: Recurrent, *names: str) -> Self:
        super().share(other, *names)
        self.initialModule = self.buildInitialModule()
        return self

    def __tostring__(self) -> str:
        start, input = (indented(repr(m), " " * 4 + "|" + " " * 4) for m in (self.startModule, self.inputModule))
        return "\n".join(
            [
                f"{self._name()} {{",
                "  [{input(t), output(t-1)} -> (1) -> (2) -> (3) -> output(t)]",
                "  (1):  {",
                "    input(t)",
                f"      |`-> (t==0): {start}",
                f"      |`-> (t~=0): {input}",
                "    output(t-1)",
                f"      |`-> {indented(repr(self.feedbackModule), ' ' * 6 + '|' + ' ' * 4)}",
                "  }",
                f"  (2): {indented(repr(self.mergeModule), '  ')}",
                f"  (3): {indented(repr(self.transferModule), '  ')}",
                "}",
            ]
        )
