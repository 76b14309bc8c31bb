"""HardTanh: what lies outside an interval is moved to its border. A NaN becomes the upper border unless it is kept."""

from __future__ import annotations

from typing import Any

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.15)
def _clamp(x, low, high):
    return simd.select(x < low, low, simd.select(x <= high, x, high))


@elementwise(0.15)
def _clamp_numbers(x, low, high):
    return simd.select(x < low, low, simd.select(x > high, high, x))


def HardTanh_updateOutput(input: Any, output: Any, low: float, high: float, keepNaN: bool) -> None:
    """``output = min(max(input, low), high)``"""
    kernel = _clamp_numbers if keepNaN else _clamp
    kernel(input, output, low, high)


@elementwise(0.2, inputs=2)
def HardTanh_updateGradInput(x, dy, low, high):
    """``gradInput = low < input < high ? gradOutput : 0``; a NaN passes its gradient."""
    return simd.select(x <= low, 0, simd.select(x >= high, 0, dy))
