from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays

from .gru import HiddenOutput
from .lstm import product, side_by_side

OPERATIONS = {
    "keep": lambda: nn.SelectTable(1),
    "replace": lambda: nn.SelectTable(2),
    "mul": lambda: nn.CMulTable(),
    "diff": lambda: nn.CSubTable(),
    "forget": lambda: nn.Sequential().add(nn.SelectTable(1)).add(nn.MulConstant(0)),
    "sqrt_diff": lambda: nn.Sequential().add(nn.CSubTable()).add(nn.Abs()).add(nn.Sqrt()).add(nn.MulConstant(0.25)),
    "max": lambda: nn.CMaxTable(),
    "min": lambda: nn.CMinTable(),
}


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
        """The network of one step: ``{x, h'}`` to h."""
        D, H, J = self.inputSize, self.outputSize, self.num_ops
        reset = nn.Sequential().add(nn.ParallelTable().add(nn.Linear(D, H)).add(nn.Linear(H, H)))
        reset.add(nn.CAddTable()).add(nn.Sigmoid())
        remembered = product(nn.SelectTable(2), reset)
        feature = nn.Sequential().add(side_by_side(nn.SelectTable(1), remembered)).add(nn.JoinTable(1, 1))
        feature.add(nn.Linear(D + H, H)).add(nn.Sigmoid())
        candidates = nn.Sequential().add(side_by_side(nn.SelectTable(2), feature))
        candidates.add(side_by_side(*[OPERATIONS[name]() for name in self.ops])).add(nn.JoinTable(1, 1))
        weights = nn.Sequential().add(nn.JoinTable(1, 1)).add(nn.Linear(D + H, J * H))
        weights.add(nn.Reshape(J, 1, H, True)).add(nn.SoftMax()).add(nn.Reshape(J * H, True))
        model = nn.Sequential().add(side_by_side(candidates, weights)).add(nn.CMulTable())
        return model.add(nn.Reshape(J, H, True)).add(nn.Sum(1, 2))

    def migrate(self, params: list) -> None:
        raise NotImplementedError("MuFuRu has no parameters to migrate from a GRU")

    def _checkInput(self, input: Any) -> None:
        super()._checkInput(input)
        if input.ndim != 2:
            raise ValueError(f"nn.MuFuRu: input must be N x {self.inputSize}, got {arrays.describe(input)}")

    def __tostring__(self) -> str:
        return f"{self._name()}({self.inputSize} -> {self.outputSize}) {{ {' '.join(self.ops)} }}"
