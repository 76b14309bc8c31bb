"""Batch normalisation of arrays seen as [samples][channels][elements]: a matrix has one element a channel.

Here is the matrix, whose columns are shared out; planes are in :mod:`batch_planes`. Sums and differences of gradients
are in double precision: what cancels out would be lost in float32.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd
from . import batch_planes
from .batch_channels import accumulate, record, slope, statistics
from .batch_sums import BLOCK_COLUMNS, column_products, column_squares, column_totals, difference, four_rows

#: Columns of a matrix are divided among threads in multiples of so many.
UNIT = 32


@inner
def _column_statistics(x, running, saved, momentum, eps, low, width):
    channels = running[0].size
    n = x.size // channels
    totals, squares = np.zeros((2, BLOCK_COLUMNS))
    means = np.zeros(BLOCK_COLUMNS, x.dtype)
    column_totals(x, low, channels, width, totals)
    for i in range(width):
        means[i] = totals[i] / n
    column_squares(x, means, low, channels, width, squares)
    for i in range(width):
        record(low + i, totals[i], squares[i], n, running, saved, momentum, eps)


@inner
def _forward_columns(x, y, terms, low, width, channels):
    lanes = simd.lanes(x)
    means, scales, shifts = terms
    for start in range(low, x.size, channels):
        for i in range(0, width, lanes):
            v = simd.load_first(x, start + i, width - i) - simd.load(means, i)
            simd.store_first(y, start + i, simd.fma(v, simd.load(scales, i), simd.load(shifts, i)), width - i)


@ranged
def _forward(low, high, x, y, affine, state, settings):
    (weight, bias), (running, saved), (training, momentum, eps) = affine, state, settings
    channels = running[0].size
    terms = np.zeros((3, BLOCK_COLUMNS), x.dtype)
    for first in range(low, high, BLOCK_COLUMNS):
        width = min(BLOCK_COLUMNS, high - first)
        if training:
            _column_statistics(x, running, saved, momentum, eps, first, width)
        for i in range(width):
            c = first + i
            terms[0, i], inverse = statistics(c, running, saved, training, eps)
            terms[1, i] = inverse * weight[c] if weight.size else inverse
            terms[2, i] = bias[c] if bias.size else 0
        _forward_columns(x, y, terms, first, width, channels)


@inner
def _backward_columns(x, dy, dx, terms, low, width, channels):
    means, slopes, centers, scales = terms
    whole = dx.size - dx.size % (4 * channels)
    for start in range(low, whole, 4 * channels):
        for i in range(0, width, simd.lanes(x)):
            (a, b, c, d), mean = four_rows(x, start + i, channels, width - i), simd.load(means, i)
            gs, steepness = four_rows(dy, start + i, channels, width - i), simd.load(slopes, i)
            a = difference(gs[0], a - mean, steepness, centers, scales, i)
            b = difference(gs[1], b - mean, steepness, centers, scales, i)
            c = difference(gs[2], c - mean, steepness, centers, scales, i)
            d = difference(gs[3], d - mean, steepness, centers, scales, i)
            simd.store_first(dx, start + i, a, width - i)
            simd.store_first(dx, start + i + channels, b, width - i)
            simd.store_first(dx, start + i + 2 * channels, c, width - i)
            simd.store_first(dx, start + i + 3 * channels, d, width - i)
    for start in range(whole + low, dx.size, channels):
        for i in range(0, width, simd.lanes(x)):
            d = simd.load_first(x, start + i, width - i) - simd.load(means, i)
            g = simd.load_first(dy, start + i, width - i)
            simd.store_first(dx, start + i, difference(g, d, simd.load(slopes, i), centers, scales, i), width - i)


@ranged
def _backward(low, high, arrays, weight, gradients, state, settings):
    (x, dy, dx), (running, saved), (training, factor, eps) = arrays, state, settings
    channels = running[0].size
    n = x.size // channels
    means, slopes = np.zeros((2, BLOCK_COLUMNS), x.dtype)
    for first in range(low, high, BLOCK_COLUMNS):
        width = min(BLOCK_COLUMNS, high - first)
        totals, dots, scales = np.zeros((3, BLOCK_COLUMNS))
        for i in range(width):
            means[i], scales[i] = statistics(first + i, running, saved, training, eps)
        column_products(x, dy, means, first, channels, width, totals, dots)
        for i in range(width):
            c, inverse = first + i, x.dtype.type(scales[i])
            accumulate(c, totals[i], dots[i], inverse, gradients, factor)
            slopes[i] = slope(dots[i], inverse, n) if training else 0
            totals[i] = totals[i] / n if training else 0.0
            scales[i] = scales[i] * weight[c] if weight.size else scales[i]
        _backward_columns(x, dy, dx, (means, slopes, totals, scales), first, width, channels)


def _given(x: np.ndarray | None, like: np.ndarray) -> np.ndarray:
    """``x``, or a vector of no elements in its place."""
    return like[:0] if x is None else x


def BatchNormalization_updateOutput(
    input: Any, output: Any, affine: tuple, running: tuple, saved: tuple, training: bool, momentum: float, eps: float
) -> None:
    """``output = (input - mean) / sqrt(var + eps) * weight + bias`` for ``affine = (weight, bias)``, each may be None.

    Training takes mean and variance of the batch, keeps mean and inverse deviation in ``saved`` and moves ``running``,
    (mean, variance), towards them; otherwise ``running`` is taken.
    """
    x, channels = flat(input), running[0].size
    size = x.size // (input.shape[0] * channels)
    affine = _given(affine[0], running[0]), _given(affine[1], running[0])
    settings = training, float(momentum), float(eps)
    if size > 1:
        batch_planes.forward(x, flat(output), size, affine, (running, saved), settings)
    else:
        _forward(channels, 0.3 * x.size, x, flat(output), affine, (running, saved), settings, unit=UNIT)


def BatchNormalization_backward(
    input: Any, gradOutput: Any, gradInput: Any, affine: tuple, state: tuple, training: bool, scale: float, eps: float
) -> None:
    """Fill ``gradInput`` and add to the gradients of weight and bias.

    ``affine``: weight and both gradients; each of them and gradInput may be None. ``state``: ``(running, saved)`` of
    the forward pass.
    """
    x, dy, (running, _) = flat(input), flat(gradOutput), state
    channels = running[0].size
    size = x.size // (input.shape[0] * channels)
    dx = x[:0] if gradInput is None else flat(gradInput)
    weight, gradWeight, gradBias = affine
    gradients = _given(gradWeight, running[0]), _given(gradBias, running[0])
    arrays, weight, settings = (x, dy, dx), _given(weight, running[0]), (training, float(scale), float(eps))
    if size > 1:
        batch_planes.backward(arrays, size, weight, gradients, state, settings)
    else:
        _backward(channels, 0.4 * x.size, arrays, weight, gradients, state, settings, unit=UNIT)
