"""The hinge loss of labels -1 and 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import simd
from .chunks import SUMS, each, part_of
from .jit import kernel, parallel


@kernel
def _loss(x, t, margin):
    width = simd.lanes(x)
    sums = simd.splat(x, 0)
    zero = simd.splat(x, 0)
    for i in range(0, x.size, width):
        n = min(width, x.size - i)
        z = margin - simd.load_first(x, i, n) * simd.load_first(t, i, n)
        sums += simd.select(simd.steps(x, 0) < n, simd.maximum(z, zero), zero)
    return np.float64(simd.total(sums))


@parallel
def _loss_parallel(x, t, margin, parts):
    sums = np.empty(SUMS)
    for p in prange(parts):
        for k in range(SUMS * p // parts, SUMS * (p + 1) // parts):
            sums[k] = _loss(part_of(x, k, SUMS), part_of(t, k, SUMS), margin)
    return sums.sum()


def MarginCriterion_updateOutput(input: Any, target: Any, margin: float) -> float:
    """``sum(max(0, margin - input * target))``"""
    return each(_loss, _loss_parallel, 0.2, input, target, float(margin))


@kernel
def _gradient(x, t, g, margin, norm):
    margin, norm, zero = x.dtype.type(margin), x.dtype.type(norm), x.dtype.type(0)
    for i in range(x.size):
        g[i] = -norm * t[i] if x[i] * t[i] < margin else zero


@parallel
def _gradient_parallel(x, t, g, margin, norm, parts):
    for p in prange(parts):
        _gradient(part_of(x, p, parts), part_of(t, p, parts), part_of(g, p, parts), margin, norm)


def MarginCriterion_updateGradInput(input: Any, target: Any, gradInput: Any, margin: float, norm: float) -> None:
    """``gradInput = input * target < margin ? -norm * target : 0``"""
    each(_gradient, _gradient_parallel, 0.3, input, target, gradInput, float(margin), norm)
