from __future__ import annotations

from typing import Any

import nn
from nn import utils
from nnx.named import named
from torch7 import arrays, registry


@named("w2nn.AuxiliaryLossTable")
class AuxiliaryLossTable(nn.Module):
    """All outputs of a network in training, the ``i``-th (1) alone in evaluation.

    Input: a table of tensors; in training output is a table of the same tensors. Source: waifu2x.
    """

    def __init__(self, i: int | None = None) -> None:
        super().__init__()
        self.i = 1 if i is None else i
        self.train = True
        self.gradInput: Any = []

    def updateOutput(self, input: Any) -> Any:
        table = utils.sequence(input, self)
        if self.train is not False:
            self.output = list(table)
            return self.output
        if not 1 <= self.i <= len(table):
            raise IndexError(f"{self}: there is no entry {self.i} among {len(table)}")
        self.output = table[self.i - 1]
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        table = utils.sequence(input, self)
        if self.train is not False:
            self.gradInput = utils.refilled(self.gradInput, list(utils.sequence(gradOutput, self)))
            return self.gradInput
        held = self.gradInput if isinstance(self.gradInput, list) and len(self.gradInput) == len(table) else []
        held = held or [None] * len(table)
        self.gradInput = [arrays.resized(buffer, x.shape, x) for buffer, x in zip(held, table)]
        utils.recursiveFill(self.gradInput, 0)
        self.gradInput[self.i - 1][...] = self.gradOutputAs(gradOutput, table[self.i - 1])
        return self.gradInput


registry.lacking(AuxiliaryLossTable, i=1)
