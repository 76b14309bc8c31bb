from __future__ import annotations

from typing import Any, Self

import nn
from nn import thnn
from torch7 import arrays

from .abstract_recurrent import AbstractRecurrent


@nn.register
class NormStabilizer(AbstractRecurrent):
    """Passes the hidden states h of a sequence on and keeps their norms from changing: it adds to the gradient.

    The penalty is ``beta`` (1) times the sum over t of the squared difference of the norms of h[t-1] and h[t], a mean
    over the batch; ``updateLoss()`` gives it divided by the number of steps. For each neighbour s of t in the sequence
    ``2 beta (|h[t]| - |h[s]|) / |h[t]| * h[t] / N`` is added to ``gradInput``.

    Input: ``N x H``; others raise ``ValueError``. Source: manual of rnn; Krueger and Memisevic (2016), Regularizing
    RNNs by stabilizing activations.
    """

    _keyed = ("norms",)

    def __init__(self, beta: float | None = None) -> None:
        super().__init__(None, nn.CopyGrad())
        self.beta = 1 if beta is None else beta
        self.norms: dict[int, Any] = {}

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim != 2:
            raise ValueError(f"nn.NormStabilizer: input must be N x H, got {arrays.describe(input)}")
        output = self.stepModule().updateOutput(input)
        if self.train is not False:
            if self.step == 1:
                self.norms = {}
            self.norms[self.step] = arrays.array_module(input).sqrt((input * input).sum(1, keepdims=True))
        return self.stepped(output)

    def _updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        step = self.updateGradInputStep - 1
        gradInput = self.getStepModule(step).updateGradInput(input, gradOutput)
        norm = self.norms[step]
        for neighbour in (step - 1, step + 1):
            if neighbour in self.norms:
                factor = (norm - self.norms[neighbour]) / norm
                factor *= 2 * self.beta / len(input)
                gradInput += factor * input
        return gradInput

    def _accGradParameters(self, input: Any, gradOutput: Any, scale: float) -> None:
        pass

    def updateLoss(self) -> float:
        """The penalty of the sequence so far, also kept in ``loss``."""
        pairs = [(self.norms[t - 1], self.norms[t]) for t in sorted(self.norms) if t - 1 in self.norms]
        total = sum(thnn.number(((before - after) ** 2).mean()) for before, after in pairs)
        self.loss = self.beta * total / max(1, len(self.norms))
        return self.loss

    def recycle(self, offset: int | None = None) -> None:
        super().recycle(offset)
        self.norms.pop(self.step - max(self.rho + 1, self.nSharedClone or 0) - 1, None)

    def forget(self) -> Self:
        if self.train is not False:
            self.norms = {}
        return super().forget()

    def clearState(self) -> Self:
        self.norms = {}
        return super().clearState()
