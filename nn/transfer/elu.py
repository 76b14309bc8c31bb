from __future__ import annotations

from numbers import Real
from typing import Any

from torch7 import registry

from .. import thnn
from ..extension import register
from .elementwise import Elementwise


@register
class ELU(Elementwise):
    """The exponential linear unit: ``y = x`` where ``x > 0``, else ``alpha (exp(x) - 1)``.

    ``dy/dx`` is 1, or ``y + alpha`` where ``y <= 0``; ``alpha`` is 1 by default. Input of any shape; output of the same
    shape. ``inplace`` overwrites the input and gradOutput. ``TypeError`` for a tensor of another type, ``ValueError``
    for a gradOutput of another size. Source: manual chapter "transfer"; Clevert, Unterthiner and Hochreiter 2015.
    """

    def __init__(self, alpha: float | None = None, inplace: bool | None = None) -> None:
        super().__init__()
        self.alpha = 1 if alpha is None else alpha
        if not isinstance(self.alpha, Real):
            raise TypeError(f"nn.ELU: alpha must be a number, got {alpha!r}")
        self.setInplace(inplace)

    def updateOutput(self, input: Any) -> Any:
        return self.map(thnn.ELU_updateOutput, input, self.alpha)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.ELU_updateGradInput, self.output, gradOutput, self.alpha)

    def __tostring__(self) -> str:
        return f"{registry.class_name(type(self))} (alpha:{self.alpha:f})"
