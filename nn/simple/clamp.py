from __future__ import annotations

from ..extension import register
from ..transfer.hard_tanh import HardTanh


@register
class Clamp(HardTanh):
    """Keeps every element within two borders: ``y = min(max(x, min_val), max_val)``; a :class:`HardTanh`.

    ``min_val`` is -1, ``max_val`` 1 by default. ``TypeError`` for a tensor of another type, ``ValueError`` for a
    gradOutput of another size. Source: manual chapter "simple".
    """
