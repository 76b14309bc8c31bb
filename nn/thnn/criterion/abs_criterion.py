"""The absolute error."""

from __future__ import annotations

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise, reduction


@reduction(0.2, inputs=2)
def AbsCriterion_updateOutput(x, t):
    """``sum(abs(input - target))``"""
    return simd.absolute(x - t)


@elementwise(0.3, inputs=2)
def AbsCriterion_updateGradInput(x, t, norm):
    """``gradInput = input >= target ? norm : -norm``"""
    return simd.select(x - t >= 0, simd.splat(x, norm), -norm)
