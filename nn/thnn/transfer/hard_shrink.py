"""HardShrink: the interval -l..l becomes 0."""

from __future__ import annotations

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.15)
def HardShrink_updateOutput(x, limit):
    """``output = abs(input) > lambda ? input : 0``"""
    return simd.select(x > limit, x, simd.select(x < -limit, x, 0))


@elementwise(0.2, inputs=2)
def HardShrink_updateGradInput(x, dy, limit):
    """``gradInput = abs(input) > lambda ? gradOutput : 0``"""
    return simd.select(x > limit, dy, simd.select(x < -limit, dy, 0))
