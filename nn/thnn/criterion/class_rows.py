"""Losses of rows of scores against classes from 0: cross-entropy with softmax inside, and what log-probabilities say.

A target that is ``ignore`` counts for nothing; the others must lie between 0 and the number of classes, which
:func:`ClassRows_count` checks. ``weights``: one for each class, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..cpu.runtime.jit import inner, kernel
from ..cpu.runtime.partition import LAUNCH, ranged, ranged_sum
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd


@inner
def _weight(weights, label):
    return 1.0 if weights is None else np.float64(weights[label])


@inner
def _judged(target, weights, classes, ignore):
    """The place of the first target that is no class, or -1, and the sum of the weights of those not ignored."""
    kept = 0.0
    for n in range(target.size):
        label = target[n]
        if label != ignore:
            if label < 0 or label >= classes:
                return n, kept
            kept += _weight(weights, label)
    return -1, kept


@kernel
def _check(target, weights, classes, ignore):
    return _judged(target, weights, classes, ignore)


def ClassRows_count(target: Any, weights: Any, classes: int, ignore: int, refuse: Callable[[int], None]) -> Any:
    """How many targets are not ignored, or the sum of their weights; ``refuse`` gets the place of one that is no class.

    On a GPU the count stays there, and ``refuse`` is called when it is asked for.
    """
    bad, kept = _check(target, weights, classes, ignore)
    if bad >= 0:
        refuse(bad)
    return kept


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


_entropies = _losses.body


@kernel
def _entropy(x, target, weights, settings, losses, logarithms):
    """What :func:`_judged` finds, and the sum of the losses, which are written."""
    bad, kept = _judged(target, weights, x.size // target.size, settings[1])
    total = 0.0
    if bad < 0:
        _entropies(0, target.size, x, target, weights, settings, losses, logarithms)
        for loss in losses:
            total += loss
    return bad, kept, total


@kernel
def _likelihood(x, target, weights, ignore):
    """The place of the first target that is no class, or -1, the sum of the weights, and that of the losses."""
    n, kept, total = x.size // target.size, 0.0, 0.0
    for r in range(target.size):
        label = target[r]
        if label != ignore:
            if label < 0 or label >= n:
                return r, kept, total
            weight = _weight(weights, label)
            kept += weight
            total -= weight * x[r * n + label]
    return -1, kept, total


def _flat(x: Any) -> Any:
    return x.reshape(x.size)


def ClassEntropy_updateOutput(
    input: Any, target: Any, weights: Any, settings: tuple, losses: Any, logarithms: Any
) -> None:
    """``-(1 - e) w_t log p_t - e mean(log p)`` of every row, p = softmax; settings: e, which needs no weights, ignore.

    ``logarithms`` takes those of the sums of exponentials, doubles.
    """
    _losses(target.size, 0.7 * input.size, _flat(input), target, weights, settings, losses, logarithms)


def ClassEntropy_total(
    input: Any, target: Any, weights: Any, settings: tuple, written: tuple, refuse: Callable[[int], None]
) -> tuple:
    """The sum of the same, and what :func:`ClassRows_count` gives; ``written``: losses and logarithms."""
    if 0.7 * input.size < LAUNCH:
        bad, kept, total = _entropy(_flat(input), target, weights, settings, *written)
        if bad >= 0:
            refuse(bad)
        return total, kept
    kept = ClassRows_count(target, weights, input.size // target.size, settings[1], refuse)
    ClassEntropy_updateOutput(input, target, weights, settings, *written)
    return float(written[0].sum(dtype=np.float64)), kept


def ClassEntropy_updateGradInput(
    input: Any, target: Any, weights: Any, settings: tuple, gradLosses: Any, logarithms: Any, gradInput: Any
) -> None:
    arrays = _flat(input), (target, weights), settings, gradLosses, logarithms, _flat(gradInput)
    _slopes(target.size, 0.4 * input.size, *arrays)


def ClassLikelihood_updateOutput(input: Any, target: Any, weights: Any, ignore: int, losses: Any) -> None:
    """``-w_t x_t`` of every row."""
    _picked(target.size, 5.0 * target.size, _flat(input), target, weights, ignore, losses)


def ClassLikelihood_total(input: Any, target: Any, weights: Any, ignore: int, refuse: Callable[[int], None]) -> tuple:
    """The sum of the same, and what :func:`ClassRows_count` gives."""
    work = 5.0 * target.size
    if work < LAUNCH:
        bad, kept, total = _likelihood(_flat(input), target, weights, ignore)
        if bad >= 0:
            refuse(bad)
        return total, kept
    kept = ClassRows_count(target, weights, input.size // target.size, ignore, refuse)
    return _total(target.size, work, _flat(input), target, weights, ignore), kept


def ClassLikelihood_updateGradInput(target: Any, weights: Any, ignore: int, gradLosses: Any, gradInput: Any) -> None:
    _scattered(target.size, 0.1 * gradInput.size, target, weights, ignore, gradLosses, _flat(gradInput))
