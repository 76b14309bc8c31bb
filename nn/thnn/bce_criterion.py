"""Binary cross-entropy, the elements weighted by column if there are weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import simd, vecmath
from .chunks import SUMS, bound, each
from .jit import kernel, parallel
from .sums import added

EPSILON = 1e-12


@kernel
def _loss(x, t, weights):
    width = simd.lanes(x)
    sums = simd.splat(x, 0)
    columns = x.size if weights is None else weights.size
    for row in range(0, x.size, max(columns, 1)):
        for i in range(row, row + columns, width):
            n = min(width, row + columns - i)
            p, label = simd.load_first(x, i, n), simd.load_first(t, i, n)
            v = label * vecmath.log(p + EPSILON) + (1 - label) * vecmath.log(1 - p + EPSILON)
            if weights is not None:
                v = v * simd.load_first(weights, i - row, n)
            sums += v
    return -np.float64(simd.total(sums))


@parallel
def _loss_parallel(x, t, weights, parts):
    sums = np.empty(SUMS)
    unit = 1024 if weights is None else weights.size
    for p in prange(parts):
        for k in range(SUMS * p // parts, SUMS * (p + 1) // parts):
            part = slice(bound(x.size, k, SUMS, unit), bound(x.size, k + 1, SUMS, unit))
            sums[k] = _loss(x[part], t[part], weights)
    return added(sums)


def BCECriterion_updateOutput(input: Any, target: Any, weights: Any) -> float:
    """``-sum(weights * (target * log(input + e) + (1 - target) * log(1 - input + e)))``"""
    return each(_loss, _loss_parallel, 1.0, input, target, weights)


@kernel
def _gradient(x, t, g, weights, norm):
    eps, one, norm = x.dtype.type(EPSILON), x.dtype.type(1), x.dtype.type(norm)
    columns = x.size if weights is None else weights.size
    for row in range(0, x.size, max(columns, 1)):
        xs, ts, gs = x[row : row + columns], t[row : row + columns], g[row : row + columns]
        for i in range(gs.size):
            gs[i] = norm * (xs[i] - ts[i]) / ((one - xs[i] + eps) * (xs[i] + eps))
        if weights is not None:
            for i in range(gs.size):
                gs[i] *= weights[i]


@parallel
def _gradient_parallel(x, t, g, weights, norm, parts):
    unit = 1024 if weights is None else weights.size
    for p in prange(parts):
        part = slice(bound(x.size, p, parts, unit), bound(x.size, p + 1, parts, unit))
        _gradient(x[part], t[part], g[part], weights, norm)


def BCECriterion_updateGradInput(input: Any, target: Any, gradInput: Any, weights: Any, norm: float) -> None:
    """``gradInput = norm * weights * (input - target) / ((1 - input + e) * (input + e))``"""
    each(_gradient, _gradient_parallel, 0.4, input, target, gradInput, weights, norm)
