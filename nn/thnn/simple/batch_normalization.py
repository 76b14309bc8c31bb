"""Batch normalisation of arrays seen as [samples][channels][elements]: a matrix has one element a channel.

Some channels are done together: as many as lie in the cache when they are read again, and next to each other in memory.
Sums and differences of gradients are in double precision: what cancels out would be lost in float32.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import flat, ranged
from ..cpu.simd import registers as simd
from ..cpu.simd.sums import LANES, drain
from .batch_sums import (
    BLOCK_COLUMNS,
    add_plane,
    add_plane_products,
    column_products,
    column_squares,
    column_totals,
    difference,
)

#: Elements that are read again soon enough to be in the cache still, and channels they may be divided into.
CACHED, PLANES = 1 << 21, 64
#: Columns of a matrix are divided among threads in multiples of so many.
UNIT = 32


@inner
def _record(c, total, squares, n, running, saved, momentum, eps):
    """Keep mean and inverse deviation of a channel's batch, and move the running statistics towards the batch's."""
    mean = total / n
    saved[0][c] = mean
    saved[1][c] = 0.0 if squares == 0 and eps == 0 else 1 / math.sqrt(squares / n + eps)
    running[0][c] = momentum * mean + (1 - momentum) * running[0][c]
    running[1][c] = momentum * (squares / (n - 1)) + (1 - momentum) * running[1][c]


@inner
def _statistics(c, running, saved, training, eps):
    """Mean and inverse deviation that normalise a channel."""
    if training:
        return saved[0][c], saved[1][c]
    return running[0][c], saved[1].dtype.type(1 / math.sqrt(running[1][c] + eps))


@inner
def _plane_statistics(x, size, running, saved, momentum, eps, low, width):
    step = running[0].size * size
    n = x.size // running[0].size
    lanes, totals = np.zeros((width, LANES)), np.empty(width)
    for start in range(low * size, x.size, step):
        for i in range(width):
            add_plane(lanes[i], x[start + i * size : start + (i + 1) * size])
    for i in range(width):
        totals[i] = drain(lanes[i])
        saved[0][low + i] = totals[i] / n
    for start in range(low * size, x.size, step):
        for i in range(width):
            plane, mean = x[start + i * size : start + (i + 1) * size], saved[0][low + i]
            add_plane_products(lanes[i], plane, plane, mean, mean)
    for i in range(width):
        _record(low + i, totals[i], drain(lanes[i]), n, running, saved, momentum, eps)


@inner
def _forward_planes(x, y, size, terms, low, width, channels):
    for start in range(low * size, x.size, channels * size):
        for c in range(width):
            mean, scale, shift = terms[0, c], terms[1, c], terms[2, c]
            first = start + c * size
            xs, ys = x[first : first + size], y[first : first + size]
            for i in range(size):
                ys[i] = (xs[i] - mean) * scale + shift


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
        _record(low + i, totals[i], squares[i], n, running, saved, momentum, eps)


@inner
def _forward_columns(x, y, terms, low, width, channels):
    lanes = simd.lanes(x)
    means, scales, shifts = terms
    for start in range(low, x.size, channels):
        for i in range(0, width, lanes):
            v = simd.load_first(x, start + i, width - i) - simd.load(means, i)
            simd.store_first(y, start + i, simd.fma(v, simd.load(scales, i), simd.load(shifts, i)), width - i)


@inner
def _together(n, size):
    """How many channels, of which ``n`` elements are read, are done together."""
    return min(max(1, CACHED // n), PLANES) if size > 1 else BLOCK_COLUMNS


@ranged
def _forward(low, high, x, y, size, affine, state, settings):
    (weight, bias), (running, saved), (training, momentum, eps) = affine, state, settings
    channels = running[0].size
    step = _together(x.size // channels, size)
    terms = np.zeros((3, step), x.dtype)
    for first in range(low, high, step):
        width = min(step, high - first)
        if training and size > 1:
            _plane_statistics(x, size, running, saved, momentum, eps, first, width)
        elif training:
            _column_statistics(x, running, saved, momentum, eps, first, width)
        for i in range(width):
            c = first + i
            terms[0, i], inverse = _statistics(c, running, saved, training, eps)
            terms[1, i] = inverse * weight[c] if weight.size else inverse
            terms[2, i] = bias[c] if bias.size else 0
        if size > 1:
            _forward_planes(x, y, size, terms, first, width, channels)
        else:
            _forward_columns(x, y, terms, first, width, channels)


@inner
def _accumulate(c, total, dot, inverse, gradients, factor):
    gradWeight, gradBias = gradients
    if gradWeight.size:
        gradWeight[c] += factor * dot * inverse
    if gradBias.size:
        gradBias[c] += factor * total


@inner
def _slope(dot, inverse, n):
    """How steeply the gradient falls with x - mean, rounded at every step."""
    real = type(inverse)
    return real(real(real(real(dot) * inverse) * inverse) / real(n))


@inner
def _plane_sums(x, dy, size, means, low, width, channels, sums):
    """The sums of dy and of (x - mean) dy of every channel"""
    totals, dots = sums
    zero = x.dtype.type(0)
    lanes = np.zeros((2, width, LANES))
    for start in range(low * size, x.size, channels * size):
        for c in range(width):
            first = start + c * size
            xs, gs = x[first : first + size], dy[first : first + size]
            add_plane(lanes[0, c], gs)
            add_plane_products(lanes[1, c], xs, gs, means[c], zero)
    for c in range(width):
        totals[c], dots[c] = drain(lanes[0, c]), drain(lanes[1, c])


@inner
def _backward_planes(x, dy, dx, size, terms, low, width, channels):
    means, slopes, centers, scales = terms
    for start in range(low * size, dx.size, channels * size):
        for c in range(width):
            mean, slope, center, scale = means[c], slopes[c], centers[c], scales[c]
            first = start + c * size
            xs, gs, ds = x[first : first + size], dy[first : first + size], dx[first : first + size]
            for i in range(size):
                ds[i] = (gs[i] - center - (xs[i] - mean) * slope) * scale


@inner
def _backward_columns(x, dy, dx, terms, low, width, channels):
    means, slopes, centers, scales = terms
    for start in range(low, dx.size, channels):
        for i in range(0, width, simd.lanes(x)):
            d = simd.load_first(x, start + i, width - i) - simd.load(means, i)
            g = simd.load_first(dy, start + i, width - i)
            simd.store_first(dx, start + i, difference(g, d, simd.load(slopes, i), centers, scales, i), width - i)


@ranged
def _backward(low, high, arrays, size, weight, gradients, state, settings):
    (x, dy, dx), (running, saved), (training, factor, eps) = arrays, state, settings
    channels = running[0].size
    n = x.size // channels
    step = _together(2 * n, size)
    means, slopes = np.zeros((2, step), x.dtype)
    for first in range(low, high, step):
        width = min(step, high - first)
        totals, dots, scales = np.zeros((3, step))
        for i in range(width):
            means[i], scales[i] = _statistics(first + i, running, saved, training, eps)
        if size > 1:
            _plane_sums(x, dy, size, means, first, width, channels, (totals, dots))
        else:
            column_products(x, dy, means, first, channels, width, totals, dots)
        for i in range(width):
            c, inverse = first + i, x.dtype.type(scales[i])
            _accumulate(c, totals[i], dots[i], inverse, gradients, factor)
            slopes[i] = _slope(dots[i], inverse, n) if training else 0
            totals[i] = totals[i] / n if training else 0.0
            scales[i] = scales[i] * weight[c] if weight.size else scales[i]
        terms = means, slopes, totals, scales
        if size > 1:
            _backward_planes(x, dy, dx, size, terms, first, width, channels)
        else:
            _backward_columns(x, dy, dx, terms, first, width, channels)


def _given(x: np.ndarray | None, like: np.ndarray) -> np.ndarray:
    """``x``, or a vector of no elements in its place."""
    return like[:0] if x is None else x


def _unit(size: int) -> int:
    """Channels are divided in multiples of so many."""
    return 1 if size > 1 else UNIT


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
    arguments = x, flat(output), size, affine, (running, saved), settings
    _forward(channels, 0.3 * x.size, *arguments, unit=_unit(size))


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
    arguments = (x, dy, dx), size, _given(weight, running[0]), gradients, state, (training, float(scale), float(eps))
    _backward(channels, 0.4 * x.size, *arguments, unit=_unit(size))
