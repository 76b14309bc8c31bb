from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import Elementwise


@register
class SoftShrink(Elementwise):
    """A step towards zero: ``y = x - lambda`` above lambda, ``x + lambda`` below -lambda, else 0; ``dy/dx`` is 1 or 0.

    ``lambda_`` is 0.5 by default. Input of any shape; output of the same shape. A NaN becomes 0. ``TypeError`` for a
    tensor of another type, ``ValueError`` for a gradOutput of another size. Source: manual chapter "transfer".
    """

    def __init__(self, lambda_: float | None = None) -> None:
        super().__init__()
        self.lambda_ = 0.5 if lambda_ is None else lambda_

    def updateOutput(self, input: Any) -> Any:
        return self.map(thnn.SoftShrink_updateOutput, input, self.lambda_)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.SoftShrink_updateGradInput, input, gradOutput, self.lambda_)
