"""The gradient of LogSoftMax and ClassNLLCriterion together, in one pass over the log-probabilities."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from .class_nll_criterion import bad_label


@ranged
def _gradient(first, last, y, target, dx, weights, ignoreIndex, factor):
    width, classes = simd.lanes(y), y.size // target.size
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
    _gradient(rows, 0.3 * output.size, flat(output), target, flat(gradInput), weights, ignoreIndex, factor)
    return -1
