"""The hinge loss of distances: of pairs that belong together the distance, of others what it lacks to a margin."""

from __future__ import annotations

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise, reduction


@reduction(0.2, inputs=2)
def HingeEmbeddingCriterion_updateOutput(x, t, margin):
    """The sum of ``input`` unless the label is -1, and of ``max(0, margin - input)`` unless it is 1"""
    near = simd.select(simd.absolute(t + 1) > 0, x, 0)
    far = simd.select(simd.absolute(t - 1) > 0, simd.maximum(margin - x, 0), 0)
    return near + far


@elementwise(0.3, inputs=2)
def HingeEmbeddingCriterion_updateGradInput(x, t, margin, norm):
    """``gradInput = label == -1 and input > margin ? 0 : norm * label``"""
    far = simd.select(x > margin, 0, norm * t)
    return simd.select(simd.absolute(t + 1) <= 0, far, norm * t)
