"""The multi-class hinge loss; ``input`` is samples x classes, ``target`` one label a sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.jit import inner, kernel
from ..cpu.runtime.partition import LAUNCH, ranged, ranged_sum
from ..cpu.simd import registers as simd
from .labels import Labels_outside


@inner
def _margins(x, i, n, shift, start, label):
    """``input + shift`` from element i of a row, and 0 behind its n elements and at the label."""
    zero = simd.splat(x, 0)
    z = simd.select(simd.steps(x, 0) < n, simd.load_first(x, start + i, n) + shift, zero)
    return simd.select(simd.absolute(simd.steps(x, i - label)) > 0, z, zero)


@ranged_sum
def _loss(first, last, input, target, p, weights, margin):
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


_serial_loss = _loss.body


@kernel
def _checked_loss(input, target, p, weights, margin):
    bad = Labels_outside(target, input.shape[1])
    return (0.0 if bad >= 0 else _serial_loss(0, len(input), input, target, p, weights, margin)), bad


def MultiMarginCriterion_updateOutput(
    input: Any, target: Any, p: int, weights: Any, margin: float
) -> tuple[float, int]:
    """The sum of ``weights[y] * max(0, margin - input[y] + input[i])^p`` over samples and classes i other than y.

    With it comes the position of a bad label, or -1.
    """
    if input.size < LAUNCH:
        return _checked_loss(input, target, p, weights, margin)
    bad = Labels_outside(target, input.shape[1])
    return 0.0 if bad >= 0 else _loss(len(input), input.size, input, target, p, weights, margin), bad


@ranged
def _gradient(first, last, input, target, gradInput, p, weights, settings):
    margin, norm = input.dtype.type(settings[0]), settings[1]
    classes, width = input.shape[1], simd.lanes(input)
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


def MultiMarginCriterion_updateGradInput(
    input: Any, target: Any, gradInput: Any, p: int, weights: Any, margin: float, norm: float
) -> None:
    """The derivative of the loss times ``norm``."""
    _gradient(len(input), input.size, input, target, gradInput, p, weights, (float(margin), float(norm)))
