"""The logistic loss of labels -1 and 1, without overflow."""

from __future__ import annotations

from ..cpu.simd import math as vecmath
from ..cpu.simd.elementwise import elementwise, reduction


@reduction(0.8, inputs=2)
def SoftMarginCriterion_updateOutput(x, t):
    """``sum(log(1 + exp(-input * target)))``"""
    return vecmath.softplus(-x * t)


@elementwise(0.4, inputs=2)
def SoftMarginCriterion_updateGradInput(x, t, norm):
    """``gradInput = -norm * target / (1 + exp(input * target))``"""
    return -norm * t * vecmath.sigmoid(-x * t)
