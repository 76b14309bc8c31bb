from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import Elementwise


@register
class LogSigmoid(Elementwise):
    """The logarithm of the logistic function: ``y = -log(1 + exp(-x))``, ``dy/dx = 1 / (1 + exp(x))``.

    Input of any shape; output of the same shape. No element overflows. ``TypeError`` for a tensor of another type,
    ``ValueError`` for a gradOutput of another size. Source: manual chapter "transfer".
    """

    def updateOutput(self, input: Any) -> Any:
        return self.map(thnn.LogSigmoid_updateOutput, input)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.LogSigmoid_updateGradInput, input, gradOutput)
