"""Zeroing an array."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.partition import flat, ranged


@ranged
def _clear(low, high, x):
    part = x[low:high]
    for i in range(part.size):
        part[i] = 0


def clear(x: Any) -> None:
    """``x = 0``; x is contiguous."""
    _clear(x.size, 0.1 * x.size, flat(x), unit=16)
