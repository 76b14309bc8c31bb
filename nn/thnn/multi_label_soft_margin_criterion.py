"""The logistic loss of several labels 0 and 1, the elements weighted by column if there are weights."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import simd, vecmath
from .chunks import SUMS, bound, each
from .jit import kernel, parallel
from .sums import added


@kernel
def _loss(x, t, weights):
    width = simd.lanes(x)
    sums = simd.splat(x, 0)
    columns = x.size if weights is None else weights.size
    for row in range(0, x.size, max(columns, 1)):
        for i in range(row, row + columns, width):
            n = min(width, row + columns - i)
            score = simd.load_first(x, i, n)
            v = vecmath.softplus(score) - score * simd.load_first(t, i, n)
            if weights is not None:
                v = v * simd.load_first(weights, i - row, n)
            sums += simd.select(simd.steps(x, 0) < n, v, simd.splat(x, 0))
    return np.float64(simd.total(sums))


@parallel
def _loss_parallel(x, t, weights, parts):
    sums = np.empty(SUMS)
    unit = 1024 if weights is None else weights.size
    for p in prange(parts):
        for k in range(SUMS * p // parts, SUMS * (p + 1) // parts):
            part = slice(bound(x.size, k, SUMS, unit), bound(x.size, k + 1, SUMS, unit))
            sums[k] = _loss(x[part], t[part], weights)
    return added(sums)


def MultiLabelSoftMarginCriterion_updateOutput(input: Any, target: Any, weights: Any) -> float:
    """``sum(weights * (log(1 + exp(input)) - target * input))``"""
    return each(_loss, _loss_parallel, 1.0, input, target, weights)


@kernel
def _gradient(x, t, g, weights, norm):
    norm = x.dtype.type(norm)
    columns = x.size if weights is None else weights.size
    for row in range(0, x.size, max(columns, 1)):
        xs, ts, gs = x[row : row + columns], t[row : row + columns], g[row : row + columns]
        for i in range(gs.size):
            gs[i] = norm * (vecmath.sigmoid(xs[i]) - ts[i])
        if weights is not None:
            for i in range(gs.size):
                gs[i] *= weights[i]


@parallel
def _gradient_parallel(x, t, g, weights, norm, parts):
    unit = 1024 if weights is None else weights.size
    for p in prange(parts):
        part = slice(bound(x.size, p, parts, unit), bound(x.size, p + 1, parts, unit))
        _gradient(x[part], t[part], g[part], weights, norm)


def MultiLabelSoftMarginCriterion_updateGradInput(
    input: Any, target: Any, gradInput: Any, weights: Any, norm: float
) -> None:
    """``gradInput = norm * weights * (sigmoid(input) - target)``"""
    each(_gradient, _gradient_parallel, 0.4, input, target, gradInput, weights, norm)
