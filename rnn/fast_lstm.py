from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import nn
from torch7 import arrays

from .lstm import LSTM, joined, product, side_by_side
from .recurrent_cell import pattern


@nn.register
class FastLSTM(LSTM):
    """Long short-term memory without peepholes, all gates by one linear map of the input and one of the output.

    ``[i, z, f, o] = W x + b + U h'``, in this order of blocks of ``outputSize`` rows; ``c = sigmoid(f) * c' +
    sigmoid(i) * tanh(z)``, ``h = sigmoid(o) * tanh(c)``. Sizes and state as in :class:`nn.LSTM`.

    ``p`` other than 0: a map and a dropout for each gate. While ``FastLSTM.bn`` is True, new modules normalise ``W x``,
    ``U h'`` and c by batches (``eps`` 1e-5, ``momentum`` 0.1, ``affine`` True), with a scale of 0.1 at first; input is
    then a batch. While ``FastLSTM.usenngraph`` is True, the network of a step of new modules is an ``nn.gModule``,
    unless it normalises. Errors as :class:`LSTM`. Source: manual of
    rnn; Cooijmans et al. (2016), Recurrent batch normalization.
    """

    usenngraph = False
    bn = False

    def __init__(
        self,
        inputSize: int,
        outputSize: int | None = None,
        rho: int | None = None,
        eps: float | None = None,
        momentum: float | None = None,
        affine: bool | None = None,
        p: float | None = None,
        mono: bool | None = None,
    ) -> None:
        self.eps = 1e-5 if eps is None else eps
        self.momentum = 0.1 if momentum is None else momentum
        self.affine = affine is not False
        super().__init__(inputSize, outputSize, rho, None, p, mono)

    def buildModel(self) -> nn.Module:
        D, H = self.inputSize, self.outputSize
        self.i2g = self._gates(D, nn.Linear)
        self.o2g = self._gates(H, nn.LinearNoBias)
        return self.nngraphModel() if self.usenngraph and not self.bn else self.nnModel()

    def nngraphModel(self) -> nn.Module:
        """The network of one step as an ``nn.gModule``, from the two maps."""
        importlib.import_module("nngraph")  # at run time: rnn needs it for this alone
        x, h, c = (nn.Identity()() for _ in range(3))
        maps = self.i2g(x).annotate(name="i2h"), self.o2g(h).annotate(name="h2h")
        sums = nn.Reshape(4, self.outputSize)(nn.CAddTable()(list(maps)))
        functions = nn.Sigmoid(), nn.Tanh(), nn.Sigmoid(), nn.Sigmoid()
        i, z, f, o = (gate(part) for gate, part in zip(functions, nn.SplitTable(1, 2)(sums).split(4)))
        cell = nn.CAddTable()([nn.CMulTable()([f, c]), nn.CMulTable()([i, z])])
        return nn.gModule([x, h, c], [nn.CMulTable()([o, nn.Tanh()(cell)]), cell])

    def nnModel(self) -> nn.Module:
        """The network of one step of containers, from the two maps."""
        H, cell = self.outputSize, nn.Identity()
        maps = nn.ParallelTable().add(self.i2g).add(self.o2g)
        if self.bn:
            x, h, cell = (self._normalization(n) for n in (4 * H, 4 * H, H))
            maps = nn.ParallelTable().add(nn.Sequential().add(self.i2g).add(x))
            maps.add(nn.Sequential().add(self.o2g).add(h).add(nn.Add(4 * H)))
        gates = nn.Sequential().add(nn.NarrowTable(1, 2)).add(maps).add(nn.CAddTable())
        gates.add(nn.Reshape(4, H)).add(nn.SplitTable(1, 2))
        functions = nn.ParallelTable()
        for function in (nn.Sigmoid(), nn.Tanh(), nn.Sigmoid(), nn.Sigmoid()):
            functions.add(function)
        gates.add(functions)
        model = nn.Sequential().add(side_by_side(gates, nn.SelectTable(3))).add(nn.FlattenTable())
        return self._output(model, cell)

    @staticmethod
    def _output(model: nn.Sequential, normalization: nn.Module) -> nn.Sequential:
        """``model``, which computes ``{i, z, f, o, c'}``, with the layers that make ``{h, c}`` of it."""
        added = nn.Sequential().add(nn.NarrowTable(1, 2)).add(nn.CMulTable())
        kept = product(nn.SelectTable(3), nn.SelectTable(5))
        cell = nn.Sequential().add(side_by_side(added, kept)).add(nn.CAddTable())
        model.add(side_by_side(nn.SelectTable(4), cell))
        squashed = nn.Sequential().add(nn.SelectTable(2)).add(normalization).add(nn.Tanh())
        return model.add(side_by_side(product(nn.SelectTable(1), squashed), nn.SelectTable(2)))

    def _gates(self, size: int, map: Callable[[int, int], nn.Module]) -> nn.Module:
        """A linear map to all four gates; with dropout one for each, joined."""
        if self.p == 0:
            return map(size, 4 * self.outputSize)
        return joined([self._dropout() for _ in range(4)], [map(size, self.outputSize) for _ in range(4)])

    def _normalization(self, size: int) -> nn.Module:
        normalization = nn.BatchNormalization(size, self.eps, self.momentum, self.affine)
        if normalization.weight is not None:
            normalization.weight.fill(0.1)
        return normalization

    def buildGate(self) -> Any:
        raise NotImplementedError("FastLSTM.buildGate: Not Implemented: all gates are one map")

    buildInputGate = buildForgetGate = buildHidden = buildCell = buildOutputGate = buildGate

    def _fuses(self) -> bool:
        return not self.bn and super()._fuses()

    def _fusedStep(self, module: nn.Module) -> Any:
        from .fused_lstm import FusedFastLSTM, FusedGraphLSTM

        graph = not isinstance(module, nn.Sequential)
        kind, cell = (FusedGraphLSTM, AsGraph) if graph else (FusedFastLSTM, AsContainers)
        return kind(module, pattern(cell, self.inputSize, self.outputSize), self.outputSize)

    def _checkInput(self, input: Any) -> None:
        super()._checkInput(input)
        if self.bn and input.ndim != 2:
            raise ValueError(f"{self}: batch normalization needs a batch, got {arrays.describe(input)}")


class AsGraph(FastLSTM):
    """A FastLSTM with a graph, whatever the others have."""

    usenngraph = True


class AsContainers(FastLSTM):
    """A FastLSTM of containers, whatever the others have."""

    usenngraph = False
