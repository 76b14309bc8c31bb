from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from .elementwise import Elementwise


@register
class HardTanh(Elementwise):
    """The identity between two borders: ``y = min(max(x, min_val), max_val)``; ``dy/dx`` is 1 strictly between, else 0.

    The borders are -1 and 1 by default; ``ValueError`` unless ``max > min``. Input of any shape; output of the same
    shape. ``inplace`` overwrites the input and gradOutput. A NaN becomes ``max_val``, but stays in place in two or more
    dimensions. Source: manual chapter "transfer".
    """

    min_val: float = -1
    max_val: float = 1

    def __init__(
        self, min_value: float | None = None, max_value: float | None = None, inplace: bool | None = None
    ) -> None:
        super().__init__()
        self.min_val = -1 if min_value is None else min_value
        self.max_val = 1 if max_value is None else max_value
        self.setInplace(inplace)
        if not self.max_val > self.min_val:
            raise ValueError(f"{self}: max_val must be larger than min_val, got {self.max_val} and {self.min_val}")

    def updateOutput(self, input: Any) -> Any:
        keepNaN = self.inplace and getattr(input, "ndim", 0) > 1
        return self.map(thnn.HardTanh_updateOutput, input, self.min_val, self.max_val, keepNaN)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.mapGradient(thnn.HardTanh_updateGradInput, input, gradOutput, self.min_val, self.max_val)


@register
class ReLU6(HardTanh):
    """The rectifier that ends at 6: ``y = min(max(x, 0), 6)``; ``dy/dx`` is 1 strictly between 0 and 6, else 0.

    Input of any shape; output of the same shape. ``inplace`` overwrites the input and gradOutput. A NaN becomes 6, but
    stays in place in two or more dimensions. ``TypeError`` for a tensor of another type, ``ValueError`` for a
    gradOutput of another size. Source: manual chapter "transfer".
    """

    min_val = 0
    max_val = 6

    def __init__(self, inplace: bool | None = None) -> None:
        super().__init__(0, 6, inplace)
