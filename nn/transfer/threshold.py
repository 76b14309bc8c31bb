from __future__ import annotations

from numbers import Real
from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import Elementwise


@register
class Threshold(Elementwise):
    """Replaces what does not exceed a threshold: ``y = x`` where ``x > threshold``, else ``val``; ``dy/dx`` is 1 or 0.

    ``threshold`` is 1e-6 by default, ``val`` 0. Input of any shape; output of the same shape. ``inplace`` overwrites
    the input and gradOutput; it needs ``val <= threshold``, otherwise ``ValueError``. A NaN becomes ``val`` with
    gradient 0; in place it stays and passes its gradient. Source: manual chapter "transfer".
    """

    def __init__(self, threshold: float | None = None, value: float | None = None, inplace: bool | None = None) -> None:
        super().__init__()
        self.threshold = 1e-6 if threshold is None else threshold
        self.val = 0 if value is None else value
        if not isinstance(self.threshold, Real) or not isinstance(self.val, Real):
            raise TypeError(f"nn.Threshold(threshold, value): numbers expected, got {threshold!r} and {value!r}")
        self.setInplace(inplace)
        self.validateParameters()

    def validateParameters(self) -> None:
        """Raise ``ValueError`` where working in place could not tell afterwards what was replaced."""
        if self.inplace and self.val > self.threshold:
            raise ValueError(
                f"in-place processing requires value ({self.val:g}) not exceed threshold ({self.threshold:g})"
            )

    def updateOutput(self, input: Any) -> Any:
        if self.inplace:
            self.validateParameters()
        return self.map(thnn.Threshold_updateOutput, input, self.threshold, self.val, self.inplace)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        if self.inplace:
            self.validateParameters()
        return self.mapGradient(thnn.Threshold_updateGradInput, input, gradOutput, self.threshold, self.inplace)
