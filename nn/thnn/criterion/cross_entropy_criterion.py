"""The gradient of LogSoftMax and ClassNLLCriterion together, in one pass over the log-probabilities."""

from __future__ import annotations

from typing import Any

from numba import prange

from ..cpu.runtime.jit import kernel, parallel
from ..cpu.runtime.partition import flat, threads
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from .class_nll_criterion import bad_label


@kernel
def _gradient(y, target, dx, weights, ignoreIndex, factor, classes, first, last):
    width = simd.lanes(y)
    rest = classes % width
    zero = simd.splat(y, 0)
    for row in range(first, last):
        label = target[row]
        slope = 0.0 if label == ignoreIndex else factor * (1.0 if weights is None else weights[label - 1])
        start, end = row * classes, (row + 1) * classes - rest
        for i in range(start, end, width):
            simd.store(dx, i, zero - vecmath.exp(simd.load(y, i)) * slope)
        simd.store_first(dx, end, zero - vecmath.exp(simd.load_first(y, end, rest)) * slope, rest)
        if label != ignoreIndex:
            dx[start + label - 1] += dx.dtype.type(slope)


@parallel
def _gradient_parallel(y, target, dx, weights, ignoreIndex, factor, classes, parts):
    rows = target.size
    for t in prange(parts):
        first, last = rows * t // parts, rows * (t + 1) // parts
        _gradient(y, target, dx, weights, ignoreIndex, factor, classes, first, last)


def CrossEntropyCriterion_updateGradInput(
    output: Any, target: Any, gradInput: Any, weights: Any, ignoreIndex: int, factor: float
) -> int:
    """``gradInput = factor * weight * ((class is the label) - exp(output))``, ``output`` being log-probabilities.

    Returns the position of a bad label, of which nothing is written, or -1.
    """
    rows, classes = target.size, output.size // target.size
    bad = bad_label(target, classes, ignoreIndex)
    if bad >= 0:
        return bad
    parts = threads(0.3 * output.size)
    y, dx = flat(output), flat(gradInput)
    if parts == 1:
        _gradient(y, target, dx, weights, ignoreIndex, factor, classes, 0, rows)
    else:
        _gradient_parallel(y, target, dx, weights, ignoreIndex, factor, classes, parts)
    return -1
