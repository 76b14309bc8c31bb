from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import Elementwise


@register
class SoftPlus(Elementwise):
    """A smooth rectifier: ``y = log(1 + exp(beta x)) / beta``, ``dy/dx = 1 / (1 + exp(-beta x))``.

    ``beta`` is 1 by default. Input of any shape; output of the same shape. Where ``beta x`` exceeds ``threshold``, 20,
    the output is the input. ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput of another
    size. Source: manual chapter "transfer".
    """

    def __init__(self, beta: float | None = None) -> None:
        super().__init__()
        self.beta = 1 if beta is None else beta
        self.threshold: float = 20

    def updateOutput(self, input: Any) -> Any:
        return self.map(thnn.SoftPlus_updateOutput, input, self.beta, self.threshold)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.SoftPlus_updateGradInput, self.output, gradOutput, self.beta, self.threshold)
