"""Normalisation of planes by their neighbours: sums over a window of planes that moves one plane at a time."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numba import prange

from ..cpu.runtime.jit import inner, parallel
from ..cpu.simd import math as vecmath

#: Pixels of all planes that are done at a time, so that they stay in the cache.
STRIP_PIXELS = 256


@inner
def _window_sums(x, before, after, sums):
    """sums[c] = sum of x[j] for j from c - before to c + after, of planes that exist; x and sums are C x pixels"""
    planes = len(x)
    sums[0] = 0
    for j in range(min(after + 1, planes)):
        _add(x[j], sums[0])
    for c in range(1, planes):
        sums[c] = sums[c - 1]
        if c + after < planes:
            _add(x[c + after], sums[c])
        if c - before > 0:
            _subtract(x[c - before - 1], sums[c])


@inner
def _add(x, y):
    for i in range(y.size):
        y[i] += x[i]


@inner
def _subtract(x, y):
    for i in range(y.size):
        y[i] -= x[i]


@inner
def _power(x, exponent):
    """x ^ exponent for x > 0"""
    return vecmath.exp(exponent * vecmath.log(x))


@inner
def _normalise(x, y, scale, strip, window, numbers):
    """A strip of pixels, from first to last, of all planes of one image"""
    (first, last), (before, after), (factor, beta, k) = strip, window, numbers
    squares = np.empty((len(x), last - first), x.dtype)
    sums = np.empty_like(squares)
    for c in range(len(x)):
        row, target = x[c][first:last], squares[c]
        for i in range(target.size):
            target[i] = row[i] * row[i]
    _window_sums(squares, before, after, sums)
    for c in range(len(x)):
        row, target, base, total = x[c][first:last], y[c][first:last], scale[c][first:last], sums[c]
        for i in range(total.size):
            base[i] = k + factor * total[i]
            target[i] = row[i] * _power(base[i], -beta)


@inner
def _gradient(x, dy, dx, scale, strip, window, numbers):
    """A strip of pixels, from first to last, of all planes of one image"""
    (first, last), (before, after), (factor, beta) = strip, window, numbers
    ratios = np.empty((len(x), last - first), x.dtype)
    sums = np.empty_like(ratios)
    for c in range(len(x)):
        row, flow, target, base = x[c][first:last], dy[c][first:last], dx[c][first:last], scale[c][first:last]
        ratio = ratios[c]
        for i in range(ratio.size):
            target[i] = flow[i] * _power(base[i], -beta)
            ratio[i] = target[i] * row[i] / base[i]
    _window_sums(ratios, after, before, sums)
    for c in range(len(x)):
        row, target, total = x[c][first:last], dx[c][first:last], sums[c]
        for i in range(total.size):
            target[i] -= factor * row[i] * total[i]


@parallel
def _forward(x, y, scale, window, numbers):
    pixels = x.shape[2]
    strips = (pixels + STRIP_PIXELS - 1) // STRIP_PIXELS
    for job in prange(x.shape[0] * strips):
        n, first = job // strips, job % strips * STRIP_PIXELS
        last = min(first + STRIP_PIXELS, pixels)
        _normalise(x[n], y[n], scale[n], (first, last), window, numbers)


@parallel
def _backward(x, dy, dx, scale, window, numbers):
    pixels = x.shape[2]
    strips = (pixels + STRIP_PIXELS - 1) // STRIP_PIXELS
    for job in prange(x.shape[0] * strips):
        n, first = job // strips, job % strips * STRIP_PIXELS
        last = min(first + STRIP_PIXELS, pixels)
        _gradient(x[n], dy[n], dx[n], scale[n], (first, last), window, numbers)


def _flat(x: Any) -> Any:
    return x.reshape(*x.shape[:2], prod(x.shape[2:]))


def SpatialCrossMapLRN_updateOutput(
    input: Any, output: Any, scale: Any, size: int, alpha: float, beta: float, k: float
) -> None:
    """``N x C x H x W`` to the same; ``scale`` keeps what the power is taken of."""
    real = input.dtype.type
    window = (size - 1) // 2, size // 2
    numbers = real(alpha / size), real(beta), real(k)
    _forward(_flat(input), _flat(output), _flat(scale), window, numbers)


def SpatialCrossMapLRN_updateGradInput(
    input: Any, gradOutput: Any, gradInput: Any, scale: Any, size: int, alpha: float, beta: float, k: float
) -> None:
    real = input.dtype.type
    window = (size - 1) // 2, size // 2
    flat = (_flat(x) for x in (input, gradOutput, gradInput, scale))
    _backward(*flat, window, (real(2 * alpha * beta / size), real(beta)))
