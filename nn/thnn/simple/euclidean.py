"""Euclidean and WeightedEuclidean: distances of the rows of x (N x D) to the columns of w (D x K), scaled by c or not.

``y[n][j] = sqrt(sum_i (c[i][j] (x[n][i] - w[i][j]))^2)``. The gradients take ``r = gradOutput / (y + 1e-7)``, N x K.
Scales that are not there are a matrix of no elements.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd


@inner
def _add_squares(xi, ws, c, i, row):
    """row += (c (x_i - w))^2 for one input i and all columns"""
    if c.size:
        cs = c[i]
        for j in range(row.size):
            d = cs[j] * (xi - ws[j])
            row[j] += d * d
    else:
        for j in range(row.size):
            d = xi - ws[j]
            row[j] += d * d


@ranged
def _distances(low, high, x, w, c, y):
    for n in range(low, high):
        row = y[n]
        row[:] = 0
        for i in range(w.shape[0]):
            _add_squares(x[n, i], w[i], c, i, row)
        for j in range(row.size):
            row[j] = math.sqrt(row[j])


@inner
def _weighted_sum(xi, w, c, weighted, r, at_w, at_r, n):
    """sum_j c^2 (xi - w) r over n elements of a row of w and c and of one of r"""
    width = simd.lanes(w)
    sums = simd.splat(w, 0)
    for j in range(0, n, width):
        m = min(width, n - j)
        v = (xi - simd.load_first(w, at_w + j, m)) * simd.load_first(r, at_r + j, m)
        if weighted:
            s = simd.load_first(c, at_w + j, m)
            v = v * s * s
        sums += v
    return simd.total(sums)


@ranged
def _input_gradient(low, high, x, w, c, r, dx):
    k = r.shape[1]
    flat_w, flat_c, flat_r = w.reshape(-1), c.reshape(-1), r.reshape(-1)
    for n in range(low, high):
        for i in range(dx.shape[1]):
            dx[n, i] = _weighted_sum(x[n, i], flat_w, flat_c, c.size > 0, flat_r, i * k, n * k, k)


@inner
def _center_gradient(x, w, r, dw, scale, low, high):
    sums = np.empty(r.shape[1], x.dtype)
    for i in range(low, high):
        sums[:] = 0
        ws, target = w[i], dw[i]
        for n in range(len(x)):
            xi, rs = x[n, i], r[n]
            for j in range(sums.size):
                sums[j] += (ws[j] - xi) * rs[j]
        for j in range(sums.size):
            target[j] += scale * sums[j]


@inner
def _weighted_gradients(inputs, r, gradients, scale, low, high):
    (x, w, c), (dw, dc) = inputs, gradients
    first, second = np.empty((2, r.shape[1]), x.dtype)
    for i in range(low, high):
        first[:] = 0
        second[:] = 0
        ws, cs, target, scales = w[i], c[i], dw[i], dc[i]
        for n in range(len(x)):
            xi, rs = x[n, i], r[n]
            for j in range(first.size):
                d = ws[j] - xi
                first[j] += d * rs[j]
                second[j] += d * d * rs[j]
        for j in range(first.size):
            factor = scale * cs[j]
            target[j] += factor * cs[j] * first[j]
            scales[j] += factor * second[j]


@ranged
def _parameters(low, high, inputs, r, gradients, scale):
    x, w, c = inputs
    if c.size:
        _weighted_gradients(inputs, r, gradients, scale, low, high)
    else:
        _center_gradient(x, w, r, gradients[0], scale, low, high)


def _nanoseconds(x: np.ndarray, w: np.ndarray) -> float:
    return 0.3 * len(x) * w.size


def _scales(c: Any, like: np.ndarray) -> np.ndarray:
    return flat(like)[:0].reshape(0, 0) if c is None else c


def Euclidean_updateOutput(input: Any, output: Any, weight: Any, scales: Any = None) -> None:
    """The distances of the rows of ``input`` to the columns of ``weight``."""
    _distances(len(input), _nanoseconds(input, weight), input, weight, _scales(scales, weight), output)


def Euclidean_updateGradInput(input: Any, ratio: Any, gradInput: Any, weight: Any, scales: Any = None) -> None:
    """``gradInput``, from ``ratio = gradOutput / (output + 1e-7)``."""
    arguments = input, weight, _scales(scales, weight), ratio, gradInput
    _input_gradient(len(input), _nanoseconds(input, weight), *arguments)


def Euclidean_accGradParameters(
    input: Any, ratio: Any, weight: Any, gradWeight: Any, scale: float, scales: Any = None, gradScales: Any = None
) -> None:
    """Add to the gradients of ``weight`` and ``scales``; these may be the parameters themselves."""
    inputs, gradients = (input, weight, _scales(scales, weight)), (gradWeight, _scales(gradScales, weight))
    _parameters(len(weight), _nanoseconds(input, weight), inputs, ratio, gradients, weight.dtype.type(scale))
