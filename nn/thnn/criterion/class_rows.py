"""Losses of rows of scores against classes from 0: cross-entropy with softmax inside, and what log-probabilities say.

A target that is ``ignore`` counts for nothing; the others must lie between 0 and the number of classes, which
:func:`ClassRows_count` checks. ``weights``: one for each class, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..cpu.runtime.jit import inner, kernel
from ..cpu.runtime.partition import ranged, ranged_sum
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd


@kernel
def _check(target, classes, ignore):
    """The place of the first target that is no class, or -1, and how many are not ignored."""
    kept = 0
    for n in range(target.size):
        if target[n] != ignore:
            kept += 1
            if target[n] < 0 or target[n] >= classes:
                return n, kept
    return -1, kept


def ClassRows_count(target: Any, weights: Any, classes: int, ignore: int, refuse: Callable[[int], None]) -> Any:
    """How many targets are not ignored, or the sum of their weights; ``refuse`` gets the place of one that is no class.

    On a GPU the count stays there, and ``refuse`` is called when it is asked for.
    """
    bad, kept = _check(target, classes, ignore)
    if bad >= 0:
        refuse(bad)
    return kept if weights is None else weights[target[target != ignore]].sum()


@inner
def _logarithm(x, start, n):
    """log sum exp of a row."""
    lanes, zero, lowest = simd.lanes(x), simd.splat(x, 0), simd.splat(x, -np.inf)
    top = lowest
    for j in range(0, n, lanes):
        v = simd.load_first(x, start + j, n - j)
        top = simd.maximum(top, simd.select(simd.steps(zero, 0) < n - j, v, lowest))
    shift = simd.largest(top)
    if shift == -np.inf:
        shift = x.dtype.type(0)
    sums = zero
    for j in range(0, n, lanes):
        e = vecmath.exp(simd.load_first(x, start + j, n - j) - shift)
        sums += simd.select(simd.steps(zero, 0) < n - j, e, zero)
    return np.float64(shift) + vecmath.log(np.float64(simd.total(sums)))


@inner
def _sum(x, start, n):
    total = simd.splat(x, 0)
    for j in range(0, n, simd.lanes(x)):
        total += simd.load_first(x, start + j, n - j)
    return np.float64(simd.total(total))


@inner
def _weight(weights, label):
    return 1.0 if weights is None else np.float64(weights[label])


@ranged
def _losses(low, high, x, target, weights, settings, losses, logarithms):
    """Losses and logarithms of the sums of rows ``low`` to ``high``; settings: smoothing, ignored target."""
    smoothing, ignore = settings
    n = x.size // target.size
    for r in range(low, high):
        label = target[r]
        if label == ignore:
            losses[r] = logarithms[r] = 0
            continue
        logarithm = _logarithm(x, r * n, n)
        loss = (1 - smoothing) * _weight(weights, label) * (logarithm - x[r * n + label])
        if smoothing > 0:
            loss += smoothing * (logarithm - _sum(x, r * n, n) / n)
        losses[r], logarithms[r] = loss, logarithm


@ranged
def _slopes(low, high, x, classes, settings, g, logarithms, dx):
    (target, weights), (smoothing, ignore) = classes, settings
    n, lanes = x.size // target.size, simd.lanes(x)
    for r in range(low, high):
        label, start = target[r], r * n
        if label == ignore:
            dx[start : start + n] = 0
            continue
        own = g[r] * (1 - smoothing) * _weight(weights, label)
        factor, share = own + g[r] * smoothing, g[r] * smoothing / n
        for j in range(0, n, lanes):
            v = vecmath.exp(simd.load_first(x, start + j, n - j) - logarithms[r]) * factor - share
            simd.store_first(dx, start + j, v, n - j)
        dx[start + label] -= x.dtype.type(own)


@ranged
def _picked(low, high, x, target, weights, ignore, losses):
    n = x.size // target.size
    for r in range(low, high):
        label = target[r]
        losses[r] = 0 if label == ignore else -_weight(weights, label) * x[r * n + label]


@ranged_sum
def _total(low, high, x, target, weights, ignore):
    n, total = x.size // target.size, 0.0
    for r in range(low, high):
        if target[r] != ignore:
            total -= _weight(weights, target[r]) * x[r * n + target[r]]
    return total


@ranged
def _scattered(low, high, target, weights, ignore, g, dx):
    n = dx.size // target.size
    dx[low * n : high * n] = 0
    for r in range(low, high):
        if target[r] != ignore:
            dx[r * n + target[r]] = -_weight(weights, target[r]) * g[r]


def _flat(x: Any) -> Any:
    return x.reshape(x.size)


def ClassEntropy_updateOutput(
    input: Any, target: Any, weights: Any, settings: tuple, losses: Any, logarithms: Any
) -> None:
    """``-(1 - e) w_t log p_t - e mean(log p)`` of every row, p = softmax; settings: e, which needs no weights, ignore.

    ``logarithms`` takes those of the sums of exponentials, doubles.
    """
    _losses(target.size, 0.7 * input.size, _flat(input), target, weights, settings, losses, logarithms)


def ClassEntropy_updateGradInput(
    input: Any, target: Any, weights: Any, settings: tuple, gradLosses: Any, logarithms: Any, gradInput: Any
) -> None:
    arrays = _flat(input), (target, weights), settings, gradLosses, logarithms, _flat(gradInput)
    _slopes(target.size, 0.4 * input.size, *arrays)


def ClassLikelihood_updateOutput(input: Any, target: Any, weights: Any, ignore: int, losses: Any) -> None:
    """``-w_t x_t`` of every row."""
    _picked(target.size, 5.0 * target.size, _flat(input), target, weights, ignore, losses)


def ClassLikelihood_total(input: Any, target: Any, weights: Any, ignore: int) -> float:
    """The sum of the same."""
    return _total(target.size, 5.0 * target.size, _flat(input), target, weights, ignore)


def ClassLikelihood_updateGradInput(target: Any, weights: Any, ignore: int, gradLosses: Any, gradInput: Any) -> None:
    _scattered(target.size, 0.1 * gradInput.size, target, weights, ignore, gradLosses, _flat(gradInput))
