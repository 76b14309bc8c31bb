"""An error that is quadratic below 1 and linear above."""

from __future__ import annotations

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise, reduction


@reduction(0.2, inputs=2)
def SmoothL1Criterion_updateOutput(x, t):
    """``sum(d < 1 ? d^2 / 2 : d - 1/2)`` for ``d = abs(input - target)``"""
    d = simd.absolute(x - t)
    return simd.select(d < 1, d * d * 0.5, d - 0.5)


@elementwise(0.3, inputs=2)
def SmoothL1Criterion_updateGradInput(x, t, norm):
    """``gradInput = norm * min(max(input - target, -1), 1)``"""
    d = x - t
    return simd.select(d <= -1, -norm, simd.select(d >= 1, norm, norm * d))
