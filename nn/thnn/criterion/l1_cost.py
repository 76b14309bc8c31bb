"""The sum of absolute values."""

from __future__ import annotations

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise, reduction


@reduction(0.2)
def L1Cost_updateOutput(x):
    """``sum(abs(input))``"""
    return simd.absolute(x)


@elementwise(0.3)
def L1Cost_updateGradInput(x, norm):
    """``gradInput = norm * sign(input)``, 0 at 0"""
    return simd.select(x > 0, norm, simd.select(x < 0, -norm, simd.splat(x, 0)))
