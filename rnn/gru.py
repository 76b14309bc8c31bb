from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import nn
from torch7 import arrays

from .lstm import joined, product, side_by_side
from .recurrent_cell import RecurrentCell, either, pattern


class HiddenOutput(RecurrentCell):
    """Base of recurrent modules whose state is their output: one tensor h, zeros at first or ``userPrevOutput``."""

    def updateOutput(self, input: Any) -> Any:
        self._checkInput(input)
        previous = self.getHiddenState(self.step - 1, input)
        self._checkState(input, previous)
        return self.stepped(self._running(self.stepModule()).updateOutput([input, previous]))

    def _updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        step = self.updateGradInputStep - 1
        total = self._gradTotal(step, gradOutput, self.getGradHiddenState(step))
        inputs = [input, self.getHiddenState(step - 1)]
        gradInput, gradPrevious = self._running(self.getStepModule(step)).updateGradInput(inputs, total)
        self.setGradHiddenState(step - 1, gradPrevious)
        if self.userPrevOutput is not None:
            self.userGradPrevOutput = gradPrevious
        return gradInput

    def _accGradParameters(self, input: Any, gradOutput: Any, scale: float) -> None:
        step = self.accGradParametersStep - 1
        inputs = [input, self.getHiddenState(step - 1)]
        self._running(self.getStepModule(step)).accGradParameters(inputs, self._gradOutputs[step], scale)

    def getHiddenState(self, step: int | None = None, input: Any = None) -> Any:
        """h after a step, the last one by default; step 0 is the start, for which ``input`` tells the size."""
        step = self.step - 1 if step is None else step
        if step != 0:
            return self._kept(self.outputs, step)
        return either(self._user("userPrevOutput"), self.outputs.get(0), self._zeros(input))

    def setHiddenState(self, step: int, hiddenState: Any) -> None:
        """Set h after a step."""
        self.outputs[step] = self._tensor(hiddenState)

    def getGradHiddenState(self, step: int | None = None) -> Any:
        """The gradient by h that later steps send to a step, by default the next one that backward visits."""
        step = self._gradStep(step)
        if step != self.step - 1:
            return self._kept(self.gradOutputs, step)
        return either(self._nextGradOutput(), self.gradOutputs.get(step), self.zeroTensor)

    def setGradHiddenState(self, step: int, gradHiddenState: Any) -> None:
        """Set the gradient by h of a step."""
        self.gradOutputs[step] = self._tensor(gradHiddenState)

    def _tensor(self, state: Any) -> Any:
        if not arrays.is_array(state):
            raise TypeError(f"{self}: the hidden state is a tensor, got {arrays.describe(state)}")
        return state


@nn.register
class GRU(HiddenOutput):
    """Gated recurrent units, one step a call.

    With x the input and h' the output of the step before (zeros at first, or ``userPrevOutput``)::

        [r, z] = sigmoid(W x + b + U h')
        n = tanh(W_n x + b_n + U_n (r * h'))
        h = (1 - z) * n + z * h'

    Input: ``inputSize`` or ``N x inputSize``; output ``outputSize`` (``inputSize``) or ``N x outputSize``. The rows of
    the maps to r come first. ``rho``: 9999. ``p``: before every linear map inputs are dropped with this probability (0)
    by one mask a sequence, and each gate then has a map of its own; with ``mono`` one mask for all samples. Backward
    starts from ``userNextGradOutput`` in place of zeros. ``ValueError`` for sizes that do not fit and for a batch size
    that changes in a sequence, ``TypeError`` for another type. Source: manual of rnn; Cho et al. (2014), Learning
    phrase representations using RNN encoder-decoder.
    """

    def __init__(
        self,
        inputSize: int,
        outputSize: int | None = None,
        rho: int | None = None,
        p: float | None = None,
        mono: bool | None = None,
    ) -> None:
        super().__init__(inputSize, outputSize, rho, p, mono)
        self._recurs(self.buildModel())

    def buildModel(self) -> nn.Module:
        """The network of one step: ``{x, h'}`` to h."""
        D, H = self.inputSize, self.outputSize
        self.i2g, self.o2g = self._gates(D, nn.Linear), self._gates(H, nn.LinearNoBias)
        gates = nn.Sequential().add(nn.ParallelTable().add(self.i2g).add(self.o2g)).add(nn.CAddTable())
        gates.add(nn.Reshape(2, H)).add(nn.SplitTable(1, 2))
        gates.add(nn.ParallelTable().add(nn.Sigmoid()).add(nn.Sigmoid()))
        model = nn.Sequential().add(side_by_side(nn.Identity(), gates)).add(nn.FlattenTable())
        model.add(side_by_side(nn.NarrowTable(1, 4), nn.SelectTable(2))).add(nn.FlattenTable())
        rest = nn.Sequential().add(nn.SelectTable(4)).add(nn.SAdd(-1, True))
        new, kept = product(self._candidate(), rest), nn.Sequential().add(nn.NarrowTable(4, 2)).add(nn.CMulTable())
        return model.add(nn.Sequential().add(side_by_side(new, kept)).add(nn.CAddTable()))

    def _candidate(self) -> nn.Module:
        """``tanh(W x + b + U (h * r))`` of a table ``{x, h, r, ...}``."""
        x = nn.Sequential().add(nn.SelectTable(1))
        h = nn.Sequential().add(nn.NarrowTable(2, 2)).add(nn.CMulTable())
        if self.p:
            x.add(self._dropout())
            h.add(self._dropout())
        x.add(nn.Linear(self.inputSize, self.outputSize))
        h.add(nn.LinearNoBias(self.outputSize, self.outputSize))
        return nn.Sequential().add(side_by_side(x, h)).add(nn.CAddTable()).add(nn.Tanh())

    def _gates(self, size: int, map: Callable[[int, int], nn.Module]) -> nn.Module:
        """A linear map to both gates; with dropout one for each, joined."""
        if self.p == 0:
            return map(size, 2 * self.outputSize)
        return joined([self._dropout() for _ in range(2)], [map(size, self.outputSize) for _ in range(2)])

    def _fusedStep(self, module: nn.Module) -> Any:
        from .fused_gru import FusedGRU

        return FusedGRU(module, pattern(GRU, self.inputSize, self.outputSize), self.outputSize)

    def migrate(self, params: list) -> Self:
        """Copy the parameters of a GRU without dropout into this one, which has it; returns the module."""
        mine = self.parameters()[0]
        if self.p == 0 or len(mine) != 9 or len(params) != 6:
            raise ValueError(f"{self}: migrate copies the 6 parameters of a plain GRU into one with dropout")
        H = self.outputSize
        weight, bias, hidden, *candidate = params
        parts = [weight[:H], bias[:H], weight[H:], bias[H:], hidden[:H], hidden[H:], *candidate]
        for target, source in zip(mine, parts):
            if target.shape != source.shape:
                raise ValueError(f"{self}: cannot copy {arrays.describe(source)} into {arrays.describe(target)}")
        for target, source in zip(mine, parts):
            target[...] = source
        return self

    def __tostring__(self) -> str:
        return f"{self._name()}({self.inputSize} -> {self.outputSize}, {self.p:.2f})"
