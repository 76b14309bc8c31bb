"""Batch normalisation of arrays seen as [samples][channels][elements]: a matrix has one element a channel.

Everything is done channel by channel, so that the passes over a channel after the first find it in the cache. Sums run
over fixed blocks and are added in double precision, in one order for any number of threads.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import prange

from .chunks import bound, flat, threads
from .jit import kernel, parallel
from .sums import LANES, add, add_products, taken

#: Channels of a matrix that are done together.
COLUMNS = 64


@kernel
def _record(c, total, squares, n, running, saved, momentum, eps):
    """Keep mean and inverse deviation of a channel's batch, and move the running statistics towards the batch's."""
    mean = total / n
    saved[0][c] = mean
    saved[1][c] = 0.0 if squares == 0 and eps == 0 else 1 / math.sqrt(squares / n + eps)
    running[0][c] = momentum * mean + (1 - momentum) * running[0][c]
    running[1][c] = momentum * (squares / (n - 1)) + (1 - momentum) * running[1][c]


@kernel
def _statistics(c, running, saved, training, eps):
    """Mean and inverse deviation that normalise a channel."""
    if training:
        return saved[0][c], saved[1][c]
    return running[0][c], saved[1].dtype.type(1 / math.sqrt(running[1][c] + eps))


@kernel
def _plane_statistics(x, size, c, lanes, running, saved, momentum, eps):
    first, step = c * size, running[0].size * size
    n = x.size // step * size
    for start in range(first, x.size, step):
        add(lanes, x[start : start + size])
    total = taken(lanes)
    mean = x.dtype.type(total / n)
    for start in range(first, x.size, step):
        plane = x[start : start + size]
        add_products(lanes, plane, plane, mean, mean)
    _record(c, total, taken(lanes), n, running, saved, momentum, eps)


@kernel
def _forward_planes(x, y, size, affine, running, saved, training, momentum, eps, low, high):
    weight, bias = affine
    lanes = np.zeros(LANES)
    for c in range(low, high):
        if training:
            _plane_statistics(x, size, c, lanes, running, saved, momentum, eps)
        mean, scale = _statistics(c, running, saved, training, eps)
        shift = bias[c] if bias.size else bias.dtype.type(0)
        scale = scale * weight[c] if weight.size else scale
        for start in range(c * size, x.size, running[0].size * size):
            xs, ys = x[start : start + size], y[start : start + size]
            for i in range(size):
                ys[i] = (xs[i] - mean) * scale + shift


@kernel
def _column_statistics(x, running, saved, momentum, eps, low, high):
    channels = running[0].size
    width = high - low
    totals, squares, means = np.zeros(width), np.zeros(width), np.empty(width, x.dtype)
    for start in range(low, x.size, channels):
        xs = x[start : start + width]
        for i in range(width):
            totals[i] += xs[i]
    n = x.size // channels
    for i in range(width):
        means[i] = totals[i] / n
    for start in range(low, x.size, channels):
        xs = x[start : start + width]
        for i in range(width):
            d = np.float64(xs[i] - means[i])
            squares[i] += d * d
    for i in range(width):
        _record(low + i, totals[i], squares[i], n, running, saved, momentum, eps)


@kernel
def _forward_columns(x, y, affine, running, saved, training, momentum, eps, low, high):
    weight, bias = affine
    width = high - low
    if training:
        _column_statistics(x, running, saved, momentum, eps, low, high)
    means, scales, shifts = np.empty((3, width), x.dtype)
    for i in range(width):
        means[i], scale = _statistics(low + i, running, saved, training, eps)
        scales[i] = scale * weight[low + i] if weight.size else scale
        shifts[i] = bias[low + i] if bias.size else 0
    for start in range(low, x.size, running[0].size):
        xs, ys = x[start : start + width], y[start : start + width]
        for i in range(width):
            ys[i] = (xs[i] - means[i]) * scales[i] + shifts[i]


@kernel
def _forward(x, y, size, affine, running, saved, training, momentum, eps, low, high):
    if size > 1:
        _forward_planes(x, y, size, affine, running, saved, training, momentum, eps, low, high)
    else:
        for c in range(low, high, COLUMNS):
            end = min(high, c + COLUMNS)
            _forward_columns(x, y, affine, running, saved, training, momentum, eps, c, end)


@parallel
def _forward_parallel(x, y, size, affine, running, saved, training, momentum, eps, unit, parts):
    channels = running[0].size
    for t in prange(parts):
        low, high = bound(channels, t, parts, unit), bound(channels, t + 1, parts, unit)
        _forward(x, y, size, affine, running, saved, training, momentum, eps, low, high)


@kernel
def _accumulate(c, total, dot, inverse, gradients, factor):
    gradWeight, gradBias = gradients
    if gradWeight.size:
        gradWeight[c] += factor * dot * inverse
    if gradBias.size:
        gradBias[c] += factor * total


@kernel
def _gradient(x, dy, dx, mean, center, slope, scale):
    """dx = (dy - center - (x - mean) slope) scale: the inner product in the element type, the rest in double."""
    for i in range(dx.size):
        dx[i] = (dy[i] - center - (x[i] - mean) * slope) * scale


@kernel
def _slope(dot, inverse, n):
    """How steeply the gradient falls with x - mean, rounded at every step."""
    real = type(inverse)
    return real(real(real(real(dot) * inverse) * inverse) / real(n))


@kernel
def _backward_planes(x, dy, dx, size, weight, gradients, running, saved, training, factor, eps, low, high):
    zero = x.dtype.type(0)
    step = running[0].size * size
    n = x.size // step * size
    lanes = np.zeros(LANES)
    for c in range(low, high):
        mean, inverse = _statistics(c, running, saved, training, eps)
        for start in range(c * size, x.size, step):
            add(lanes, dy[start : start + size])
        total = taken(lanes)
        for start in range(c * size, x.size, step):
            add_products(lanes, x[start : start + size], dy[start : start + size], mean, zero)
        dot = taken(lanes)
        _accumulate(c, total, dot, inverse, gradients, factor)
        center = total / n if training else 0.0
        slope = _slope(dot, inverse, n) if training else zero
        scale = np.float64(inverse) * weight[c] if weight.size else np.float64(inverse)
        for start in range(c * size, dx.size, step):
            end = start + size
            _gradient(x[start:end], dy[start:end], dx[start:end], mean, center, slope, scale)


@kernel
def _backward_columns(x, dy, dx, weight, gradients, running, saved, training, factor, eps, low, high):
    channels, width = running[0].size, high - low
    n = x.size // channels
    totals, dots, scales = np.zeros(width), np.zeros(width), np.empty(width)
    means, slopes = np.empty((2, width), x.dtype)
    for i in range(width):
        means[i], scales[i] = _statistics(low + i, running, saved, training, eps)
    for start in range(low, x.size, channels):
        xs, gs = x[start : start + width], dy[start : start + width]
        for i in range(width):
            totals[i] += gs[i]
            dots[i] += (xs[i] - means[i]) * gs[i]
    for i in range(width):
        inverse = x.dtype.type(scales[i])
        _accumulate(low + i, totals[i], dots[i], inverse, gradients, factor)
        totals[i] = totals[i] / n if training else 0.0
        slopes[i] = _slope(dots[i], inverse, n) if training else x.dtype.type(0)
        scales[i] = np.float64(inverse) * weight[low + i] if weight.size else np.float64(inverse)
    for start in range(low, dx.size, channels):
        xs, gs, ds = x[start : start + width], dy[start : start + width], dx[start : start + width]
        for i in range(width):
            part = (xs[i] - means[i]) * slopes[i]
            ds[i] = (gs[i] - totals[i] - part) * scales[i]


@kernel
def _backward(x, dy, dx, size, weight, gradients, running, saved, training, factor, eps, low, high):
    if size > 1:
        _backward_planes(x, dy, dx, size, weight, gradients, running, saved, training, factor, eps, low, high)
    else:
        for c in range(low, high, COLUMNS):
            end = min(high, c + COLUMNS)
            _backward_columns(x, dy, dx, weight, gradients, running, saved, training, factor, eps, c, end)


@parallel
def _backward_parallel(x, dy, dx, size, weight, gradients, running, saved, training, factor, eps, unit, parts):
    channels = running[0].size
    for t in prange(parts):
        low, high = bound(channels, t, parts, unit), bound(channels, t + 1, parts, unit)
        _backward(x, dy, dx, size, weight, gradients, running, saved, training, factor, eps, low, high)


def _given(x: np.ndarray | None, like: np.ndarray) -> np.ndarray:
    """``x``, or a vector of no elements in its place."""
    return like[:0] if x is None else x


def _launch(serial: Any, together: Any, arguments: tuple, channels: int, size: int, nanoseconds: float) -> None:
    """All channels by one thread, or divided among the threads: matrices in units of ``COLUMNS``."""
    parts = threads(nanoseconds)
    if parts == 1:
        serial(*arguments, 0, channels)
    else:
        together(*arguments, 1 if size > 1 else COLUMNS, parts)


def BatchNormalization_updateOutput(
    input: Any, output: Any, affine: tuple, running: tuple, saved: tuple, training: bool, momentum: float, eps: float
) -> None:
    """``output = (input - mean) / sqrt(var + eps) * weight + bias`` for ``affine = (weight, bias)``, each may be None.

    Training takes mean and variance of the batch, keeps mean and inverse deviation in ``saved`` and moves ``running``,
    (mean, variance), towards them; otherwise ``running`` is taken.
    """
    x, channels = flat(input), running[0].size
    size = x.size // (input.shape[0] * channels)
    affine = tuple(_given(p, running[0]) for p in affine)
    arguments = x, flat(output), size, affine, running, saved, training, momentum, eps
    _launch(_forward, _forward_parallel, arguments, channels, size, 0.7 * x.size)


def BatchNormalization_backward(
    input: Any, gradOutput: Any, gradInput: Any, weight: Any, gradients: tuple, running: tuple, saved: tuple,
    training: bool, scale: float, eps: float,
) -> None:  # fmt: skip
    """Fill ``gradInput`` and add to ``gradients``, those of weight and bias; each of the three may be None."""
    x, dy, channels = flat(input), flat(gradOutput), running[0].size
    size = x.size // (input.shape[0] * channels)
    dx = x[:0] if gradInput is None else flat(gradInput)
    gradients = tuple(_given(g, running[0]) for g in gradients)
    weight = _given(weight, running[0])
    arguments = x, dy, dx, size, weight, gradients, running, saved, training, float(scale), eps
    _launch(_backward, _backward_parallel, arguments, channels, size, 0.8 * x.size)
