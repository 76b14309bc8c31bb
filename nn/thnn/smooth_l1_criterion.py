"""An error that is quadratic below 1 and linear above."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import simd
from .chunks import SUMS, each, part_of
from .jit import kernel, parallel


@kernel
def _loss(x, t):
    width = simd.lanes(x)
    sums = simd.splat(x, 0)
    for i in range(0, x.size, width):
        n = min(width, x.size - i)
        d = simd.absolute(simd.load_first(x, i, n) - simd.load_first(t, i, n))
        sums += simd.select(d < 1, d * d * 0.5, d - 0.5)
    return np.float64(simd.total(sums))


@parallel
def _loss_parallel(x, t, parts):
    sums = np.empty(SUMS)
    for p in prange(parts):
        for k in range(SUMS * p // parts, SUMS * (p + 1) // parts):
            sums[k] = _loss(part_of(x, k, SUMS), part_of(t, k, SUMS))
    return sums.sum()


def SmoothL1Criterion_updateOutput(input: Any, target: Any) -> float:
    """``sum(d < 1 ? d^2 / 2 : d - 1/2)`` for ``d = abs(input - target)``"""
    return each(_loss, _loss_parallel, 0.2, input, target)


@kernel
def _gradient(x, t, g, norm):
    norm, one = x.dtype.type(norm), x.dtype.type(1)
    for i in range(x.size):
        d = x[i] - t[i]
        g[i] = -norm if d <= -one else norm if d >= one else norm * d


@parallel
def _gradient_parallel(x, t, g, norm, parts):
    for p in prange(parts):
        _gradient(part_of(x, p, parts), part_of(t, p, parts), part_of(g, p, parts), norm)


def SmoothL1Criterion_updateGradInput(input: Any, target: Any, gradInput: Any, norm: float) -> None:
    """``gradInput = norm * min(max(input - target, -1), 1)``"""
    each(_gradient, _gradient_parallel, 0.3, input, target, gradInput, norm)
