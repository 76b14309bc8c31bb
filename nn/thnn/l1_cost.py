"""The sum of absolute values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import simd
from .chunks import SUMS, each, part_of
from .jit import kernel, parallel


@kernel
def _loss(x):
    width = simd.lanes(x)
    sums = simd.splat(x, 0)
    for i in range(0, x.size, width):
        n = min(width, x.size - i)
        sums += simd.absolute(simd.load_first(x, i, n))
    return np.float64(simd.total(sums))


@parallel
def _loss_parallel(x, parts):
    sums = np.empty(SUMS)
    for p in prange(parts):
        for k in range(SUMS * p // parts, SUMS * (p + 1) // parts):
            sums[k] = _loss(part_of(x, k, SUMS))
    return sums.sum()


def L1Cost_updateOutput(input: Any) -> float:
    """``sum(abs(input))``"""
    return each(_loss, _loss_parallel, 0.2, input)


@kernel
def _gradient(x, g, norm):
    norm, zero = x.dtype.type(norm), x.dtype.type(0)
    for i in range(x.size):
        g[i] = norm if x[i] > zero else -norm if x[i] < zero else zero


@parallel
def _gradient_parallel(x, g, norm, parts):
    for p in prange(parts):
        _gradient(part_of(x, p, parts), part_of(g, p, parts), norm)


def L1Cost_updateGradInput(input: Any, gradInput: Any, norm: float) -> None:
    """``gradInput = norm * sign(input)``, 0 at 0"""
    each(_gradient, _gradient_parallel, 0.3, input, gradInput, norm)
