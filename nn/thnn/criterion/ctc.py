"""Connectionist temporal classification: sums over all alignments, in logarithms, sample by sample.

A sample's lattice has L places for each step: its labels with blanks between. ``alpha``, N x T x (L + 2), takes the
logarithms of the sums over all beginnings of paths; the first two numbers of a row are minus infinity, so that places
before the first need no care. ``skips`` is 0 where a path may come from two places before, else minus infinity. Source:
A. Graves et al., Connectionist temporal classification, 2006.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import ranged
from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd

#: Nanoseconds of a place of a lattice.
PLACE = 8.0


class Lattice(NamedTuple):
    """N x L: the class of each place, and whether it may be reached by a skip; N: steps, places used."""

    classes: np.ndarray
    skips: np.ndarray
    steps: np.ndarray
    ends: np.ndarray


@inner
def _added(a, b, c):
    """log(e^a + e^b + e^c)"""
    top = simd.maximum(simd.maximum(a, b), c)
    total = vecmath.exp(a - top) + vecmath.exp(b - top) + vecmath.exp(c - top)
    return simd.select(top <= -np.inf, top, top + vecmath.log(total))


@inner
def _emissions(x, classes, row):
    """The log-probabilities of the places of a step."""
    for k in range(classes.size):
        row[k] = x[classes[k]]


@inner
def _forward_sample(x, classes, skips, steps, alpha):
    """Fill the first ``steps`` rows of a sample's ``alpha``."""
    L, emitted = classes.size, np.empty(classes.size + 16)
    flat, width = alpha.reshape(alpha.size), alpha.shape[1]
    for t in range(steps):
        row = alpha[t]
        row[:] = -np.inf
        _emissions(x[t], classes, emitted[:L])
        if t == 0:
            row[2 : 2 + min(2, L)] = emitted[: min(2, L)]
            continue
        before = (t - 1) * width + 2
        for k in range(0, L, simd.lanes(row)):
            stay, step = simd.load_first(flat, before + k, L - k), simd.load_first(flat, before + k - 1, L - k)
            skip = simd.load_first(flat, before + k - 2, L - k) + simd.load_first(skips, k, L - k)
            total = _added(stay, step, skip) + simd.load_first(emitted, k, L - k)
            simd.store_first(flat, before + width + k, total, L - k)


@ranged
def _forward(low, high, x, lattice, alpha):
    for n in range(low, high):
        _forward_sample(x[:, n], lattice.classes[n], lattice.skips[n], lattice.steps[n], alpha[n])


@inner
def _step_back(beta, after, emitted, skips):
    """``beta`` of the step before: from each place to itself, the next, and the one after that."""
    L = skips.size
    for k in range(0, L, simd.lanes(beta)):
        v = simd.load_first(beta, k, L - k) + simd.load_first(emitted, k, L - k)
        simd.store_first(after, k, v, L - k)
    after[L : L + 2] = -np.inf
    for k in range(0, L, simd.lanes(beta)):
        skip = simd.load_first(after, k + 2, L - k) + simd.load_first(skips, k + 2, L - k - 2)
        total = _added(simd.load_first(after, k, L - k), simd.load_first(after, k + 1, L - k), skip)
        simd.store_first(beta, k, total, L - k)


@inner
def _spread(x, dx, classes, shares, factor):
    """``factor (exp(x) - share of the paths at each class)``"""
    for c in range(x.size):
        dx[c] = vecmath.exp(x[c]) * factor
    for k in range(classes.size):
        dx[classes[k]] -= dx.dtype.type(shares[k] * factor)


@inner
def _backward_sample(x, dx, classes, skips, sample, alpha):
    """``sample``: steps, places used, log of the sum over all paths, factor."""
    steps, end, total, factor = sample
    L = classes.size
    beta, after, emitted, shares = (np.full(L + 16, -np.inf), np.empty(L + 16), np.empty(L + 16), np.empty(L))
    dx[steps:] = 0
    beta[max(0, end - 2) : end] = 0
    for t in range(steps - 1, -1, -1):
        if t < steps - 1:
            _step_back(beta, after, emitted, skips)
        _emissions(x[t], classes, emitted[:L])
        for k in range(L):
            shares[k] = vecmath.exp(alpha[t, 2 + k] + beta[k] - total)
        _spread(x[t], dx[t], classes, shares, factor)


@ranged
def _backward(low, high, x, dx, lattice, alpha, totals, factors):
    for n in range(low, high):
        if factors[n] == 0 or not abs(totals[n]) < np.inf:
            dx[: lattice.steps[n], n] = factors[n] * (0.0 if factors[n] == 0 else np.nan)
            dx[lattice.steps[n] :, n] = 0
            continue
        sample = lattice.steps[n], lattice.ends[n], totals[n], factors[n]
        _backward_sample(x[:, n], dx[:, n], lattice.classes[n], lattice.skips[n], sample, alpha[n])


def CTC_updateOutput(logProbabilities: Any, lattice: tuple, alpha: Any) -> None:
    """Fill ``alpha`` for log-probabilities T x N x C; ``lattice`` as :class:`Lattice`."""
    lattice = Lattice(*lattice)
    _forward(len(alpha), PLACE * alpha.size, logProbabilities, lattice, alpha)


def CTC_updateGradInput(
    logProbabilities: Any, gradInput: Any, lattice: tuple, alpha: Any, totals: Any, factors: Any
) -> None:
    """The gradient by the scores, times a factor for each sample; NaN where no path is possible and it is not 0."""
    lattice = Lattice(*lattice)
    work = PLACE * alpha.size + 0.5 * gradInput.size
    _backward(len(alpha), work, logProbabilities, gradInput, lattice, alpha, totals, factors)
