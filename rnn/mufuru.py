from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays

from .gru import HiddenOutput
from .lstm import side_by_side

OPERATIONS = {
    "keep": lambda: nn.SelectTable(1),
    "replace": lambda: nn.SelectTable(2),
    "mul": lambda: nn.CMulTable(),
    "diff": lambda: nn.CSubTable(),
    "forget": lambda: nn.Sequential().add(nn.SelectTable(1)).add(nn.MulConstant(0)),
    "sqrt_diff": lambda: nn.Sequential().add(nn.CSubTable()).add(nn.Abs()).add(nn.Sqrt()).add(nn.MulConstant(0.25)),
    "max": lambda: stacked().add(nn.Max(1)),
    "min": lambda: stacked().add(nn.Min(1)),
}


def stacked() -> nn.Sequential:
    """A table of tensors as one tensor with a dimension more, the first."""
    return nn.Sequential().add(nn.MapTable(nn.Unsqueeze(1))).add(nn.JoinTable(1))


@nn.register
class MuFuRu(HiddenOutput):
    """A multi-function recurrent unit: each unit chooses how to combine its old value with a new one.

    With x the input and h' the output of the step before (zeros at first, or ``userPrevOutput``)::

        r = sigmoid(W x + b + U h' + b')
        v = sigmoid(V [x, r * h'] + b_v)
        p = softmax over the operations, for each unit, of P [x, h'] + b_p
        h = sum over j of p_j * op_j(h', v)

    Input: ``N x inputSize``; output ``N x outputSize``. ``ops``: names of the operations on a = h' and b = v, by
    default all: keep (a), replace (b), mul (a b), diff (a - b), forget (0), sqrt_diff (sqrt(abs(a - b)) / 4), max, min.
    ``rho``: 9999. Other names raise ``ValueError``. Source: manual of rnn; Weissenborn and Rocktaeschel (2016), MuFuRU.
    """

    def __init__(self, inputSize: int, outputSize: int, ops: list[str] | None = None, rho: int | None = None) -> None:
        super().__init__(inputSize, outputSize, rho)
        self.ops = list(OPERATIONS) if ops is None else list(ops)
        self.num_ops = len(self.ops)
        unknown = [name for name in self.ops if name not in OPERATIONS]
        if unknown or not self.ops:
            raise ValueError(f"nn.MuFuRu: operations are {', '.join(OPERATIONS)}; got {', '.join(unknown) or 'none'}")
        self._recurs(self.buildModel())

    def buildModel(self) -> nn.Module:
        """The network of one step: ``{x, h'}`` to h, through ``{x, h', r}`` and ``{h', v, p}``."""
        D, H = self.inputSize, self.outputSize
        reset = nn.Sequential().add(nn.ParallelTable().add(nn.Linear(D, H)).add(nn.Linear(H, H)))
        reset.add(nn.CAddTable()).add(nn.Sigmoid())
        model = nn.Sequential().add(side_by_side(nn.SelectTable(1), nn.SelectTable(2), reset))
        model.add(side_by_side(nn.SelectTable(2), self._feature(), self._weights()))
        combined = nn.Sequential().add(side_by_side(self._operations(), nn.SelectTable(3)))
        return model.add(combined.add(nn.CMulTable()).add(nn.Sum(1, 3)))

    def _feature(self) -> nn.Sequential:
        """v of a table ``{x, h', r}``."""
        remembered = nn.Sequential().add(nn.NarrowTable(2, 2)).add(nn.CMulTable())
        feature = nn.Sequential().add(side_by_side(nn.SelectTable(1), remembered)).add(nn.JoinTable(1, 1))
        return feature.add(nn.Linear(self.inputSize + self.outputSize, self.outputSize)).add(nn.Sigmoid())

    def _weights(self) -> nn.Sequential:
        """p, operations x N x outputSize, of a table ``{x, h', r}``."""
        J, H = self.num_ops, self.outputSize
        weights = nn.Sequential().add(nn.NarrowTable(1, 2)).add(nn.JoinTable(1, 1))
        weights.add(nn.Linear(self.inputSize + H, J * H)).add(nn.View(J, H).setNumInputDims(1))
        return weights.add(nn.Transpose([1, 2])).add(nn.SoftMax())

    def _operations(self) -> nn.Sequential:
        """The results of all operations, operations x N x outputSize, of a table ``{h', v, p}``."""
        operations = side_by_side(*[OPERATIONS[name]() for name in self.ops])
        model = nn.Sequential().add(nn.NarrowTable(1, 2)).add(operations)
        return model.add(nn.MapTable(nn.Unsqueeze(1))).add(nn.JoinTable(1, 3))

    def migrate(self, params: list) -> None:
        raise NotImplementedError("MuFuRu has no parameters to migrate from a GRU")

    def _checkInput(self, input: Any) -> None:
        super()._checkInput(input)
        if input.ndim != 2:
            raise ValueError(f"nn.MuFuRu: input must be N x {self.inputSize}, got {arrays.describe(input)}")

    def __tostring__(self) -> str:
        return f"{self._name()}({self.inputSize} -> {self.outputSize}) {{ {' '.join(self.ops)} }}"
