from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays


@nn.register
class SAdd(nn.Module):
    """Adds a number: ``output = input + addend``, with ``negate`` (False) ``-(input + addend)``.

    ``SAdd(-1, True)`` is ``1 - input``. Input of any shape. ``TypeError`` for a tensor of another type, ``ValueError``
    for a gradOutput of another size. Source: package rnn.
    """

    def __init__(self, addend: float, negate: bool | None = None) -> None:
        super().__init__()
        self.addend = addend
        self.negate = bool(negate)

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input)
        xp = arrays.array_module(input)
        return xp.subtract(-self.addend, input, out=output) if self.negate else xp.add(input, self.addend, out=output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, input)
        xp = arrays.array_module(input)
        return (xp.negative if self.negate else xp.positive)(gradOutput, out=gradInput)
