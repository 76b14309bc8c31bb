"""SoftShrink: everything moves towards 0 by l, and the interval -l..l becomes 0."""

from __future__ import annotations

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.15)
def SoftShrink_updateOutput(x, limit):
    """``output = sign(input) * max(abs(input) - lambda, 0)``"""
    return simd.select(x > limit, x - limit, simd.select(x < -limit, x + limit, 0))


@elementwise(0.2, inputs=2)
def SoftShrink_updateGradInput(x, dy, limit):
    """``gradInput = abs(input) > lambda ? gradOutput : 0``"""
    return simd.select(x > limit, dy, simd.select(x < -limit, dy, 0))
