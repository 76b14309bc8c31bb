from __future__ import annotations

from typing import Any, Self

import nn
from torch7 import arrays

from .recurrent_cell import RecurrentCell, either, pattern


@nn.register
class LSTM(RecurrentCell):
    """Long short-term memory with peepholes, one step a call.

    With x the input and h', c' output and cell of the step before (zeros at first, or ``userPrevOutput`` and
    ``userPrevCell``)::

        i = sigmoid(W_xi x + b_i + W_hi h' + w_ci * c')
        f = sigmoid(W_xf x + b_f + W_hf h' + w_cf * c')
        z = tanh(W_xz x + b_z + W_hz h')
        c = f * c' + i * z
        o = sigmoid(W_xo x + b_o + W_ho h' + w_co * c)
        h = o * tanh(c)

    Input: ``inputSize`` or ``N x inputSize``; output ``outputSize`` (``inputSize``) or ``N x outputSize``. The cells of
    the steps are in ``cells``, the last one in ``cell``. ``rho``: 9999. ``cell2gate`` False leaves the peepholes
    ``w_c`` out. ``p``: before every linear map inputs are dropped with this probability (0), by one mask a sequence;
    with ``mono`` one mask for all samples. Backward starts from ``userNextGradOutput`` and ``userNextGradCell`` in
    place of zeros, and leaves the gradients by ``userPrevOutput`` and ``userPrevCell`` in ``userGradPrevOutput`` and
    ``userGradPrevCell``. ``ValueError`` for sizes that do not fit and for a batch size that changes in a sequence,
    ``TypeError`` for another type. Source: manual of rnn; Graves et al. (2013), Hybrid speech recognition with deep
    bidirectional LSTM.
    """

    USER = ("userPrevOutput", "userPrevCell", "userNextGradOutput", "userNextGradCell")
    cell: Any = None
    cell2gate: bool = True

    def __init__(
        self,
        inputSize: int,
        outputSize: int | None = None,
        rho: int | None = None,
        cell2gate: bool | None = None,
        p: float | None = None,
        mono: bool | None = None,
    ) -> None:
        super().__init__(inputSize, outputSize, rho, p, mono)
        self.cell2gate = cell2gate is not False
        self.cells: dict[int, Any] = {}
        self.gradCells: dict[int, Any] = {}
        self._recurs(self.buildModel())

    # -- the network of one step, in the order in which parameters are drawn

    def buildGate(self) -> nn.Sequential:
        """``sigmoid(W x + b + U h + w * c)`` of a table ``{x, h, c}``."""
        terms = self._linears()
        gate = nn.Sequential()
        if self.cell2gate:
            terms.add(nn.CMul(self.outputSize))
        else:
            gate.add(nn.NarrowTable(1, 2))
        return gate.add(terms).add(nn.CAddTable()).add(nn.Sigmoid())

    def buildInputGate(self) -> nn.Module:
        self.inputGate = self.buildGate()
        return self.inputGate

    def buildForgetGate(self) -> nn.Module:
        self.forgetGate = self.buildGate()
        return self.forgetGate

    def buildHidden(self) -> nn.Module:
        """``tanh(W x + b + U h)`` of a table ``{x, h, c}``."""
        hidden = nn.Sequential().add(nn.NarrowTable(1, 2)).add(self._linears())
        self.hiddenLayer = hidden.add(nn.CAddTable()).add(nn.Tanh())
        return self.hiddenLayer

    def buildCell(self) -> nn.Module:
        """``f * c + i * z`` of a table ``{x, h, c}``."""
        self.buildInputGate()
        self.buildForgetGate()
        self.buildHidden()
        kept = product(self.forgetGate, nn.SelectTable(3))
        added = product(self.inputGate, self.hiddenLayer)
        self.cellLayer = nn.Sequential().add(side_by_side(kept, added)).add(nn.CAddTable())
        return self.cellLayer

    def buildOutputGate(self) -> nn.Module:
        self.outputGate = self.buildGate()
        return self.outputGate

    def buildModel(self) -> nn.Module:
        """The network of one step: ``{x, h', c'}`` to ``{h, c}``."""
        self.buildCell()
        self.buildOutputGate()
        output = product(self.outputGate, nn.Sequential().add(nn.SelectTable(3)).add(nn.Tanh()))
        model = nn.Sequential().add(side_by_side(nn.NarrowTable(1, 2), self.cellLayer)).add(nn.FlattenTable())
        return model.add(side_by_side(output, nn.SelectTable(3)))

    def _linears(self) -> nn.ParallelTable:
        """``{W x + b, U h}``, each behind a dropout."""
        pair = nn.ParallelTable()
        for map in (nn.Linear(self.inputSize, self.outputSize), nn.LinearNoBias(self.outputSize, self.outputSize)):
            pair.add(nn.Sequential().add(self._dropout()).add(map))
        return pair

    # -- the steps

    def updateOutput(self, input: Any) -> Any:
        self._checkInput(input)
        hidden = self.getHiddenState(self.step - 1, input)
        self._checkState(input, *hidden)
        output, self.cell = self._running(self.stepModule()).updateOutput([input, *hidden])
        self.cells[self.step] = self.cell
        return self.stepped(output)

    def _updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        step = self.updateGradInputStep - 1
        gradHidden, gradCell = self.getGradHiddenState(step)
        total = self._gradTotal(step, gradOutput, gradHidden)
        inputs = [input, *self.getHiddenState(step - 1)]
        module = self._running(self.getStepModule(step))
        gradInput, *gradPrevious = module.updateGradInput(inputs, [total, gradCell])
        self.setGradHiddenState(step - 1, gradPrevious)
        if self.userPrevOutput is not None:
            self.userGradPrevOutput = gradPrevious[0]
        if self.userPrevCell is not None:
            self.userGradPrevCell = gradPrevious[1]
        return gradInput

    def _accGradParameters(self, input: Any, gradOutput: Any, scale: float) -> None:
        step = self.accGradParametersStep - 1
        gradients = [self._gradOutputs[step], self.getGradHiddenState(step)[1]]
        inputs = [input, *self.getHiddenState(step - 1)]
        self._running(self.getStepModule(step)).accGradParameters(inputs, gradients, scale)

    def _fusedStep(self, module: nn.Module) -> Any:
        from .fused_lstm import FusedLSTM

        return FusedLSTM(module, pattern(LSTM, self.inputSize, self.outputSize, None, self.cell2gate), self.outputSize)

    # -- the state {h, c}

    def getHiddenState(self, step: int | None = None, input: Any = None) -> list:
        """``{h, c}`` after a step, the last one by default; step 0 is the start, whose size ``input`` tells."""
        step = self.step - 1 if step is None else self.step - step - 1 if step < 0 else step
        if step != 0:
            return [self._kept(self.outputs, step), self._kept(self.cells, step)]
        zeros = self._zeros(input)
        return [
            either(self._user("userPrevOutput"), self.outputs.get(0), zeros),
            either(self._user("userPrevCell"), self.cells.get(0), zeros),
        ]

    def setHiddenState(self, step: int, hiddenState: Any) -> None:
        """Set ``{h, c}`` after a step; in training only step 0 before a first forward makes sense."""
        self.outputs[step], self.cells[step] = self._pair(hiddenState)

    def getGradHiddenState(self, step: int | None = None) -> list:
        """The gradients by ``{h, c}`` that later steps send to a step, by default the next one that backward visits."""
        step = self._gradStep(step)
        if step != self.step - 1:
            return [self._kept(self.gradOutputs, step), self._kept(self.gradCells, step)]
        return [
            either(self._nextGradOutput(), self.gradOutputs.get(step), self.zeroTensor),
            either(self._user("userNextGradCell"), self.gradCells.get(step), self.zeroTensor),
        ]

    def setGradHiddenState(self, step: int, gradHiddenState: Any) -> None:
        """Set the gradients by ``{h, c}`` of a step."""
        self.gradOutputs[step], self.gradCells[step] = self._pair(gradHiddenState)

    # -- type and files

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """Without arguments the name of the type; a conversion begins a new sequence and clears the state."""
        if type is not None:
            self.clearState()
        return super().type(type, tensorCache)

    def clearState(self) -> Self:
        for name in self.USER:
            vars(self).pop(name, None)
        super().clearState()
        return self

    def _pair(self, state: Any) -> Any:
        if not isinstance(state, list | tuple) or len(state) != 2:
            raise TypeError(f"{self}: the hidden state is a table of two tensors, got {arrays.describe(state)}")
        return state


def side_by_side(*modules: nn.Module) -> nn.ConcatTable:
    """The table of the outputs of several modules for one input."""
    table = nn.ConcatTable()
    for module in modules:
        table.add(module)
    return table


def joined(dropouts: list, maps: list) -> nn.Sequential:
    """The outputs of several maps of one input, each behind a dropout of its own, side by side in one tensor."""
    together = nn.ParallelTable()
    for map in maps:
        together.add(map)
    return nn.Sequential().add(side_by_side(*dropouts)).add(together).add(nn.JoinTable(1, 1))


def product(*modules: nn.Module) -> nn.Sequential:
    """The product of the outputs of several modules for one input."""
    return nn.Sequential().add(side_by_side(*modules)).add(nn.CMulTable())
