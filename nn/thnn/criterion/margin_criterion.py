"""The hinge loss of labels -1 and 1."""

from __future__ import annotations

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise, reduction


@reduction(0.2, inputs=2)
def MarginCriterion_updateOutput(x, t, margin):
    """``sum(max(0, margin - input * target))``"""
    return simd.maximum(margin - x * t, 0)


@elementwise(0.3, inputs=2)
def MarginCriterion_updateGradInput(x, t, margin, norm):
    """``gradInput = input * target < margin ? -norm * target : 0``"""
    return simd.select(x * t < margin, -norm * t, 0)
