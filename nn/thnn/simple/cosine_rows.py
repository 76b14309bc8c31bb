"""The cosine of the angle between rows, their lengths not below a small number, and its gradient."""

from __future__ import annotations

import math
from typing import Any

from ..cpu.runtime.jit import inlined
from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd


@inlined
def _length(x, start, n):
    """The square root of a row's sum of squares."""
    a = b = simd.splat(x, 0)
    for i in range(0, n, 2 * simd.lanes(x)):
        v = simd.load_first(x, start + i, n - i)
        w = simd.load_first(x, start + i + simd.lanes(x), n - i - simd.lanes(x))
        a, b = simd.fma(v, v, a), simd.fma(w, w, b)
    return math.sqrt(simd.total(a + b))


@inlined
def _cosine(x1, x2, start, n, m1, m2):
    total = simd.splat(x1, 0)
    for i in range(start, start + n, simd.lanes(x1)):
        v, w = simd.load_first(x1, i, start + n - i), simd.load_first(x2, i, start + n - i)
        total = simd.fma(v / m1, w / m2, total)
    return simd.total(total)


@ranged
def _cosines(low, high, x1, x2, y, n, eps):
    a, b = simd.at(x1, 0), simd.at(x2, 0)
    for r in range(low, high):
        n1, n2 = _length(a, r * n, n), _length(b, r * n, n)
        # NaN stays: it is not below eps.
        y[r] = _cosine(a, b, r * n, n, eps if n1 < eps else n1, eps if n2 < eps else n2)


@inlined
def _slopes(pointers, start, n, scale, cosine, lengths):
    """``g / m1 (x2 / m2 - cosine x1 / n1)``, the last term 0 for a row of zeros."""
    x1, x2, dx = pointers
    n1, m2 = lengths
    back = 0.0 if n1 == 0 else cosine / n1
    for i in range(start, start + n, simd.lanes(x1)):
        v, w = simd.load_first(x1, i, start + n - i), simd.load_first(x2, i, start + n - i)
        simd.store_first(dx, i, (w / m2 - v * back) * scale, start + n - i)


@ranged
def _gradients(low, high, arrays, g, dx1, dx2, n, eps):
    a, b = simd.at(arrays[0], 0), simd.at(arrays[1], 0)
    first, second = (a, b, simd.at(dx1, 0)), (b, a, simd.at(dx2, 0))
    for r in range(low, high):
        n1, n2 = _length(a, r * n, n), _length(b, r * n, n)
        m1, m2 = eps if n1 < eps else n1, eps if n2 < eps else n2
        cosine = _cosine(a, b, r * n, n, m1, m2)
        _slopes(first, r * n, n, g[r] / m1, cosine, (n1, m2))
        _slopes(second, r * n, n, g[r] / m2, cosine, (n2, m1))


def CosineRows_updateOutput(input1: Any, input2: Any, output: Any, eps: float) -> None:
    """``output = x1 . x2 / (max(|x1|, eps) max(|x2|, eps))`` of every row."""
    arrays = flat(input1), flat(input2), flat(output)
    _cosines(output.size, 0.5 * input1.size, *arrays, input1.shape[-1], float(eps))


def CosineRows_updateGradInput(arrays: tuple, gradOutput: Any, gradInput1: Any, gradInput2: Any, eps: float) -> None:
    """Gradients by both of the two ``arrays``."""
    arrays, grads = tuple(map(flat, arrays)), map(flat, (gradOutput, gradInput1, gradInput2))
    _gradients(gradOutput.size, 1.0 * arrays[0].size, arrays, *grads, gradInput1.shape[-1], float(eps))
