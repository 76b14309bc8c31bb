"""The logistic loss of labels -1 and 1, without overflow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import simd, vecmath
from .chunks import SUMS, each, part_of
from .jit import kernel, parallel


@kernel
def _loss(x, t):
    width = simd.lanes(x)
    sums = simd.splat(x, 0)
    for i in range(0, x.size, width):
        n = min(width, x.size - i)
        v = vecmath.softplus(-simd.load_first(x, i, n) * simd.load_first(t, i, n))
        sums += simd.select(simd.steps(x, 0) < n, v, simd.splat(x, 0))
    return np.float64(simd.total(sums))


@parallel
def _loss_parallel(x, t, parts):
    sums = np.empty(SUMS)
    for p in prange(parts):
        for k in range(SUMS * p // parts, SUMS * (p + 1) // parts):
            sums[k] = _loss(part_of(x, k, SUMS), part_of(t, k, SUMS))
    return sums.sum()


def SoftMarginCriterion_updateOutput(input: Any, target: Any) -> float:
    """``sum(log(1 + exp(-input * target)))``"""
    return each(_loss, _loss_parallel, 1.0, input, target)


@kernel
def _gradient(x, t, g, norm):
    norm = x.dtype.type(norm)
    for i in range(x.size):
        g[i] = -norm * t[i] * vecmath.sigmoid(-x[i] * t[i])


@parallel
def _gradient_parallel(x, t, g, norm, parts):
    for p in prange(parts):
        _gradient(part_of(x, p, parts), part_of(t, p, parts), part_of(g, p, parts), norm)


def SoftMarginCriterion_updateGradInput(input: Any, target: Any, gradInput: Any, norm: float) -> None:
    """``gradInput = -norm * target / (1 + exp(input * target))``"""
    each(_gradient, _gradient_parallel, 0.5, input, target, gradInput, norm)
