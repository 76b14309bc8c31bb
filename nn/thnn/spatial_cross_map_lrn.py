"""Normalisation of planes by their neighbours: sums over a window of planes that moves one plane at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from . import vecmath
from .jit import kernel, parallel

#: Pixels of all planes that are done at a time, so that they stay in the cache.
STRIP = 256


@kernel
def _window_sums(x, before, after, sums):
    """sums[c] = sum of x[j] for j from c - before to c + after, of planes that exist; x and sums are C x pixels"""
    planes, pixels = x.shape
    for c in range(planes):
        total = sums[c]
        if c == 0:
            total[:] = 0
            for j in range(min(after + 1, planes)):
                for i in range(pixels):
                    total[i] += x[j, i]
            continue
        previous = sums[c - 1]
        for i in range(pixels):
            total[i] = previous[i]
        if c + after < planes:
            for i in range(pixels):
                total[i] += x[c + after, i]
        if c - before > 0:
            for i in range(pixels):
                total[i] -= x[c - before - 1, i]


@kernel
def _power(x, exponent):
    """x ^ exponent for x > 0"""
    return vecmath.exp(exponent * vecmath.log(x))


@kernel
def _normalise(x, y, scale, before, after, factor, beta, k):
    planes, pixels = x.shape
    work = np.empty(x.shape, x.dtype)
    for c in range(planes):
        for i in range(pixels):
            work[c, i] = x[c, i] * x[c, i]
    _window_sums(work, before, after, scale)
    for c in range(planes):
        for i in range(pixels):
            scale[c, i] = k + factor * scale[c, i]
            y[c, i] = x[c, i] * _power(scale[c, i], -beta)


@kernel
def _gradient(x, dy, dx, scale, before, after, factor, beta):
    planes, pixels = x.shape
    work, sums = np.empty(x.shape, x.dtype), np.empty(x.shape, x.dtype)
    for c in range(planes):
        for i in range(pixels):
            dx[c, i] = dy[c, i] * _power(scale[c, i], -beta)
            work[c, i] = dx[c, i] * x[c, i] / scale[c, i]
    _window_sums(work, after, before, sums)
    for c in range(planes):
        for i in range(pixels):
            dx[c, i] -= factor * x[c, i] * sums[c, i]


@parallel
def _forward(x, y, scale, before, after, factor, beta, k):
    strips = (x.shape[2] + STRIP - 1) // STRIP
    for job in prange(x.shape[0] * strips):
        n, first = job // strips, job % strips * STRIP
        last = min(first + STRIP, x.shape[2])
        _normalise(
            x[n, :, first:last], y[n, :, first:last], scale[n, :, first:last],
            before, after, factor, beta, k,
        )  # fmt: skip


@parallel
def _backward(x, dy, dx, scale, before, after, factor, beta):
    strips = (x.shape[2] + STRIP - 1) // STRIP
    for job in prange(x.shape[0] * strips):
        n, first = job // strips, job % strips * STRIP
        last = min(first + STRIP, x.shape[2])
        _gradient(
            x[n, :, first:last], dy[n, :, first:last], dx[n, :, first:last], scale[n, :, first:last],
            before, after, factor, beta,
        )  # fmt: skip


def _flat(x: Any) -> Any:
    return x.reshape(*x.shape[:2], -1)


def SpatialCrossMapLRN_updateOutput(
    input: Any, output: Any, scale: Any, size: int, alpha: float, beta: float, k: float
) -> None:
    """``N x C x H x W`` to the same; ``scale`` keeps what the power is taken of."""
    real = input.dtype.type
    window = (size - 1) // 2, size // 2
    _forward(_flat(input), _flat(output), _flat(scale), *window, real(alpha / size), real(beta), real(k))


def SpatialCrossMapLRN_updateGradInput(
    input: Any, gradOutput: Any, gradInput: Any, scale: Any, size: int, alpha: float, beta: float, k: float
) -> None:
    real = input.dtype.type
    window = (size - 1) // 2, size // 2
    flat = (_flat(x) for x in (input, gradOutput, gradInput, scale))
    _backward(*flat, *window, real(2 * alpha * beta / size), real(beta))
