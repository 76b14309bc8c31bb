from __future__ import annotations

from typing import Any, Self

import nn
from nn import utils
from nn.container import indented
from torch7 import arrays, registry

from .abstract_sequencer import AbstractSequencer, recurrent


@nn.register
class RecurrentAttention(AbstractSequencer):
    """Looks at one input ``nStep`` times; what it saw decides where it looks next.

    ``action(h)`` makes of the hidden state an action, such as a place in an image, the first one of zeros;
    ``h[t] = rnn{input, action(h[t-1])}``. Output: the table ``{h[1], ..., h[nStep]}``, of pairs ``{h[t], action}``
    while ``forwardActions`` is True. ``gradInput`` is the sum over the steps.

    ``hiddenSize``: the sizes of h without the batch, a list. ``rnn`` and ``action`` are put into Recursors unless they
    are recurrent. Errors are those of the modules, with their place as a note. Source: manual of rnn; Mnih et al.
    (2014), Recurrent models of visual attention.
    """

    forwardActions = False

    def __init__(self, rnn: nn.Module, action: nn.Module, nStep: int, hiddenSize: list[int]) -> None:
        super().__init__()
        for ok, what in (
            (isinstance(action, nn.Module), "a module as action"),
            (isinstance(nStep, int), "a number of steps"),
            (isinstance(hiddenSize, list | tuple), "a table of sizes of the hidden state"),
        ):
            if not ok:
                raise TypeError(f"nn.RecurrentAttention: expecting {what}")
        self.rnn, self.action = recurrent(self, rnn), recurrent(self, action)
        self.modules = [self.rnn, self.action]
        self.nStep, self.hiddenSize = nStep, list(hiddenSize)
        self.forwardActions = False
        self.output: list = []
        self.actions: list = []

    def updateOutput(self, input: Any) -> list:
        self.rnn.forget()
        self.action.forget()
        self.rnn.maxBPTTstep(self.nStep)
        self.action.maxBPTTstep(self.nStep)
        hiddens, self.actions = [], []
        for t in range(self.nStep):
            self.actions.append(self._copied(self.action.updateOutput(hiddens[-1] if t else self._start(input))))
            hiddens.append(self._copied(self.rnn.updateOutput([input, self.actions[-1]])))
        self._hiddens = hiddens
        entries = [list(pair) for pair in zip(hiddens, self.actions)] if self.forwardActions else hiddens
        self.output = utils.refilled(self.output, list(entries))
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradients = self._gradients(gradOutput)
        self._gradActions = gradActions = [None] * self.nStep
        self._gradHiddens = gradHiddens = [None] * self.nStep
        later = None
        for t in range(self.nStep - 1, -1, -1):
            gradHidden, gradAction = gradients[t] if self.forwardActions else (gradients[t], None)
            gradHiddens[t] = utils.recursiveCopy(None, gradHidden)[0]
            if later is not None:
                utils.recursiveAdd(gradHiddens[t], later)
            gradInput, throughRnn = self.rnn.updateGradInput([input, self.actions[t]], gradHiddens[t])
            self.addGradInput(input, gradInput, t == self.nStep - 1)
            gradActions[t] = utils.recursiveCopy(None, throughRnn)[0]
            if gradAction is not None:
                utils.recursiveAdd(gradActions[t], gradAction)
            later = self.action.updateGradInput(self._before(t), gradActions[t])
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        scale = 1 if scale is None else scale
        for t in range(self.nStep - 1, -1, -1):
            self.rnn.accGradParameters([input, self.actions[t]], self._gradHiddens[t], scale)
            self.action.accGradParameters(self._before(t), self._gradActions[t], scale)

    def _copied(self, x: Any) -> Any:
        """Evaluation runs all steps on one buffer."""
        return x if self.train is not False else utils.recursiveCopy(None, x)[0]

    def _before(self, t: int) -> Any:
        """What the action of step t (from 0) was made of."""
        return self._hiddens[t - 1] if t else self.initInput

    def _start(self, input: Any) -> Any:
        """Zeros in place of the hidden state before the first step."""
        first = input
        while utils.is_table(first):
            first = utils.sequence(first)[0]
        self.checkType(first)
        self.initInput = self.resized(vars(self).get("initInput"), (len(first), *self.hiddenSize))
        self.initInput.fill(0)
        return self.initInput

    def _gradients(self, gradOutput: Any) -> Any:
        if not utils.is_table(gradOutput):
            raise TypeError(f"nn.RecurrentAttention: expecting gradOutput table, got {arrays.describe(gradOutput)}")
        gradients = utils.sequence(gradOutput)
        if len(gradients) != self.nStep:
            raise ValueError(f"gradOutput should have nStep elements: {len(gradients)} and {self.nStep}")
        return gradients

    def clearState(self) -> Self:
        for name in ("_hiddens", "_gradActions", "_gradHiddens", "initInput"):
            vars(self).pop(name, None)
        self.actions = []
        super().clearState()
        self.output = []
        return self

    def __tostring__(self) -> str:
        lines = [registry.class_name(type(self)) + " {"]
        for name, module in (("action :", self.action), ("rnn     :", self.rnn)):
            lines.append(f"  {name} " + indented(repr(module), "    |    "))
        return "\n".join([*lines, "}"])
