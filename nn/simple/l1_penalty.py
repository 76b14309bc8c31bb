from __future__ import annotations

from typing import Any

from torch7 import arrays

from .. import thnn
from ..extension import register
from ..module import Module


@register
class L1Penalty(Module):
    """Passes its input on and adds the gradient of an L1 penalty on the way back, to make activations sparse.

    ``loss = l1weight * sum |x|``, ``gradInput = gradOutput + l1weight * sign(x)``. ``sizeAverage`` (False) divides the
    weight by the number of elements; ``provideOutput=False`` leaves gradOutput out, for a layer whose output is not
    used. Input of any shape; ``output`` is the input itself. ``TypeError`` for a tensor of another type, ``ValueError``
    for a gradOutput of another size. Source: manual chapter "simple".
    """

    sizeAverage = False
    provideOutput = True

    def __init__(self, l1weight: float, sizeAverage: bool | None = None, provideOutput: bool | None = None) -> None:
        super().__init__()
        self.l1weight = l1weight
        self.sizeAverage = bool(sizeAverage)
        self.provideOutput = provideOutput is not False

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        self.loss = self._factor(input) * thnn.number(arrays.array_module(input).abs(input).sum())
        self.output = input
        return input

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        added = self.gradOutputAs(gradOutput, input) if self.provideOutput else 0
        if added is gradInput:
            added = added.copy()
        arrays.array_module(input).sign(input, out=gradInput)
        gradInput *= self._factor(input)
        gradInput += added
        return gradInput

    def _factor(self, input: Any) -> float:
        return self.l1weight / max(input.size, 1) if self.sizeAverage else self.l1weight
