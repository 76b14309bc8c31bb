"""Windows that poolings move over planes."""

from __future__ import annotations

from typing import NamedTuple


class Windows(NamedTuple):
    """``kH x kW`` pixels that move by ``dH``, ``dW`` over planes with a border of ``padH``, ``padW``."""

    kH: int
    kW: int
    dH: int
    dW: int
    padH: int
    padW: int


def windows(geometry: tuple[int, int, int, int, int, int]) -> Windows:
    """From ``(kW, kH, dW, dH, padW, padH)``, the order of Torch's arguments."""
    kW, kH, dW, dH, padW, padH = geometry
    return Windows(kH, kW, dH, dW, padH, padW)
