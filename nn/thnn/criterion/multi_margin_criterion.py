"""The multi-class hinge loss; ``input`` is samples x classes, ``target`` one label a sample."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import prange

from ..cpu.runtime.jit import kernel, parallel
from ..cpu.runtime.partition import LAUNCH, SUM_PARTS
from ..cpu.simd import registers as simd
from ..cpu.simd.sums import sequential_sum
from .labels import Labels_outside


@kernel
def _margins(x, i, n, shift, start, label):
    """``input + shift`` from element i of a row, and 0 behind its n elements and at the label."""
    zero = simd.splat(x, 0)
    z = simd.select(simd.steps(x, 0) < n, simd.load_first(x, start + i, n) + shift, zero)
    return simd.select(simd.absolute(simd.steps(x, i - label)) > 0, z, zero)


@kernel
def _loss(input, target, p, weights, margin, first, last):
    margin, classes, width = input.dtype.type(margin), input.shape[1], simd.lanes(input)
    zero = simd.splat(input, 0)
    loss = 0.0
    for row in range(first, last):
        start, label = row * classes, target[row] - 1
        shift = margin - simd.get(input, start + label)
        sums = zero
        for i in range(0, classes, width):
            z = _margins(input, i, min(width, classes - i), shift, start, label)
            z = simd.select(z < 0, zero, z)
            sums += z if p == 1 else z * z
        total = np.float64(simd.total(sums))
        loss += total if weights is None else total * weights[label]
    return loss


@kernel
def _checked_loss(input, target, p, weights, margin):
    bad = Labels_outside(target, input.shape[1])
    return (0.0 if bad >= 0 else _loss(input, target, p, weights, margin, 0, len(input))), bad


@parallel
def _loss_parallel(input, target, p, weights, margin, parts):
    samples = len(input)
    sums = np.empty(SUM_PARTS)
    for t in prange(parts):
        for k in range(SUM_PARTS * t // parts, SUM_PARTS * (t + 1) // parts):
            sums[k] = _loss(input, target, p, weights, margin, samples * k // SUM_PARTS, samples * (k + 1) // SUM_PARTS)
    return sequential_sum(sums)


def MultiMarginCriterion_updateOutput(
    input: Any, target: Any, p: int, weights: Any, margin: float
) -> tuple[float, int]:
    """The sum of ``weights[y] * max(0, margin - input[y] + input[i])^p`` over samples and classes i other than y.

    With it comes the position of a bad label, or -1.
    """
    if input.size < LAUNCH:
        return _checked_loss(input, target, p, weights, margin)
    bad = Labels_outside(target, input.shape[1])
    return 0.0 if bad >= 0 else _loss_parallel(input, target, p, weights, margin, numba.get_num_threads()), bad


@kernel
def _gradient(input, target, gradInput, p, weights, margin, norm, first, last):
    margin, classes, width = input.dtype.type(margin), input.shape[1], simd.lanes(input)
    zero = simd.splat(input, 0)
    for row in range(first, last):
        start, label = row * classes, target[row] - 1
        shift = margin - simd.get(input, start + label)
        factor = norm if weights is None else norm * weights[label]
        slope, sums = simd.splat(input, factor), zero
        for i in range(0, classes, width):
            n = min(width, classes - i)
            z = _margins(input, i, n, shift, start, label)
            g = simd.select(z > 0, slope if p == 1 else slope * (z + z), zero)
            simd.store_first(gradInput, start + i, g, n)
            sums += g
        simd.put(gradInput, start + label, -simd.total(sums))


@parallel
def _gradient_parallel(input, target, gradInput, p, weights, margin, norm, parts):
    samples = len(input)
    for t in prange(parts):
        first, last = samples * t // parts, samples * (t + 1) // parts
        _gradient(input, target, gradInput, p, weights, margin, norm, first, last)


def MultiMarginCriterion_updateGradInput(
    input: Any, target: Any, gradInput: Any, p: int, weights: Any, margin: float, norm: float
) -> None:
    """The derivative of the loss times ``norm``."""
    if input.size < LAUNCH:
        _gradient(input, target, gradInput, p, weights, margin, norm, 0, len(input))
    else:
        _gradient_parallel(input, target, gradInput, p, weights, margin, norm, numba.get_num_threads())
