from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import Elementwise


@register
class SoftSign(Elementwise):
    """A slower tanh: ``y = x / (1 + |x|)``, ``dy/dx = 1 / (1 + |x|)^2``.

    Input of any shape; output of the same shape. ``TypeError`` for a tensor of another type, ``ValueError`` for a
    gradOutput of another size. Source: manual chapter "transfer".
    """

    def updateOutput(self, input: Any) -> Any:
        return self.map(thnn.SoftSign_updateOutput, input)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.SoftSign_updateGradInput, input, gradOutput)
