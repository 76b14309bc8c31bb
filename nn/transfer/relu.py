from __future__ import annotations

from ..extension import register
from .threshold import Threshold


@register
class ReLU(Threshold):
    """The rectifier: ``y = max(0, x)``; ``dy/dx`` is 1 where ``x > 0``, else 0.

    Input of any shape; output of the same shape. ``inplace`` overwrites the input and gradOutput. A NaN becomes 0, in
    place it stays. ``TypeError`` for a tensor of another type, ``ValueError`` for a gradOutput of another size. Source:
    manual chapter "transfer".
    """

    def __init__(self, inplace: bool | None = None) -> None:
        super().__init__(0, 0, inplace)
