"""The squared error."""

from __future__ import annotations

from ..cpu.simd.elementwise import elementwise, reduction


@reduction(0.2, inputs=2)
def MSECriterion_updateOutput(x, t):
    """``sum((input - target)^2)``"""
    d = x - t
    return d * d


@elementwise(0.3, inputs=2)
def MSECriterion_updateGradInput(x, t, norm):
    """``gradInput = 2 * norm * (input - target)``"""
    return 2 * norm * (x - t)
