"""The hinge loss of the difference of two scores."""

from __future__ import annotations

from typing import Any

from numba import prange

from . import simd
from .chunks import each, part_of
from .jit import kernel, parallel
from .maps import summed


@summed(0.2, inputs=3)
def MarginRankingCriterion_updateOutput(a, b, y, margin):
    """``sum(max(0, margin - y * (a - b)))``"""
    return simd.maximum(margin - y * (a - b), 0)


@kernel
def _gradient(x, t, y, first, second, margin, norm):
    margin, norm, zero = x.dtype.type(margin), x.dtype.type(norm), x.dtype.type(0)
    for i in range(x.size):
        first[i] = -norm * y[i] if margin - y[i] * (x[i] - t[i]) >= zero else zero
        second[i] = -first[i]


@parallel
def _gradient_parallel(x, t, y, first, second, margin, norm, parts):
    for p in prange(parts):
        _gradient(
            part_of(x, p, parts),
            part_of(t, p, parts),
            part_of(y, p, parts),
            part_of(first, p, parts),
            part_of(second, p, parts),
            margin,
            norm,
        )


def MarginRankingCriterion_updateGradInput(
    a: Any, b: Any, labels: Any, da: Any, db: Any, margin: float, norm: float
) -> None:
    """The derivatives by a and b: ``-norm * y`` and ``norm * y`` where ``margin - y * (a - b) >= 0``, else 0"""
    each(_gradient, _gradient_parallel, 0.3, a, b, labels, da, db, float(margin), norm)
