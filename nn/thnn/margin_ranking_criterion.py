"""The hinge loss of the difference of two scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import simd
from .chunks import SUMS, each, part_of
from .jit import kernel, parallel


@kernel
def _loss(x, t, y, margin):
    width = simd.lanes(x)
    sums = simd.splat(x, 0)
    zero = simd.splat(x, 0)
    for i in range(0, x.size, width):
        n = min(width, x.size - i)
        z = margin - simd.load_first(y, i, n) * (simd.load_first(x, i, n) - simd.load_first(t, i, n))
        sums += simd.select(simd.steps(x, 0) < n, simd.maximum(z, zero), zero)
    return np.float64(simd.total(sums))


@parallel
def _loss_parallel(x, t, y, margin, parts):
    sums = np.empty(SUMS)
    for p in prange(parts):
        for k in range(SUMS * p // parts, SUMS * (p + 1) // parts):
            sums[k] = _loss(part_of(x, k, SUMS), part_of(t, k, SUMS), part_of(y, k, SUMS), margin)
    return sums.sum()


def MarginRankingCriterion_updateOutput(a: Any, b: Any, labels: Any, margin: float) -> float:
    """``sum(max(0, margin - y * (a - b)))``"""
    return each(_loss, _loss_parallel, 0.2, a, b, labels, float(margin))


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
