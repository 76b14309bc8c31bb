"""The hinge loss of the difference of two scores."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise, reduction


@reduction(0.2, inputs=3)
def MarginRankingCriterion_updateOutput(a, b, y, margin):
    """``sum(max(0, margin - y * (a - b)))``"""
    return simd.maximum(margin - y * (a - b), 0)


@elementwise(0.3, inputs=3)
def _gradient(a, b, y, margin, norm):
    """Torch multiplied by a mask: zeros have the sign of -y."""
    slope = -norm * y
    return simd.select(margin - y * (a - b) >= 0, slope, slope * 0)


def MarginRankingCriterion_updateGradInput(
    a: Any, b: Any, labels: Any, da: Any, db: Any, margin: float, norm: float
) -> None:
    """The derivatives by a and b: ``-norm * y`` and ``norm * y`` where ``margin - y * (a - b) >= 0``, else 0"""
    _gradient(a, b, labels, da, margin, norm)
    np.negative(da, out=db)
