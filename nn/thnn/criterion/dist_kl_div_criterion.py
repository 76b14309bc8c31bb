"""The Kullback-Leibler divergence of log-probabilities from probabilities."""

from __future__ import annotations

from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise, reduction


@reduction(0.6, inputs=2)
def DistKLDivCriterion_updateOutput(x, t):
    """``sum(target * (log(target) - input))`` where the target is positive"""
    return simd.select(t > 0, t * (vecmath.log(t) - x), 0)


@elementwise(0.3, inputs=2)
def DistKLDivCriterion_updateGradInput(x, t, norm):
    """``gradInput = -norm * target`` where the target is positive"""
    return simd.select(t > 0, -norm * t, 0)
