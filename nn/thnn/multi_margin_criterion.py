"""The multi-class hinge loss; ``input`` is samples x classes, ``target`` one label a sample."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import prange

from .chunks import LAUNCH, SUMS
from .jit import kernel, parallel
from .labels import Labels_outside


@kernel
def _loss(input, target, p, weights, margin, first, last):
    margin, zero = input.dtype.type(margin), input.dtype.type(0)
    loss = 0.0
    for n in range(first, last):
        x, label = input[n], target[n] - 1
        total = 0.0
        for i in range(x.size):
            z = max(margin - x[label] + x[i], zero)
            if i != label:
                total += z if p == 1 else z * z
        loss += total if weights is None else total * weights[label]
    return loss


@kernel
def _checked_loss(input, target, p, weights, margin):
    bad = Labels_outside(target, input.shape[1])
    return (0.0 if bad >= 0 else _loss(input, target, p, weights, margin, 0, len(input))), bad


@parallel
def _loss_parallel(input, target, p, weights, margin, parts):
    samples = len(input)
    sums = np.empty(SUMS)
    for t in prange(parts):
        for k in range(SUMS * t // parts, SUMS * (t + 1) // parts):
            sums[k] = _loss(input, target, p, weights, margin, samples * k // SUMS, samples * (k + 1) // SUMS)
    return sums.sum()


def MultiMarginCriterion_updateOutput(
    input: Any, target: Any, p: int, weights: Any, margin: float
) -> tuple[float, int]:
    """The sum of ``weights[y] * max(0, margin - input[y] + input[i])^p`` over samples and classes i other than y.

    With it comes the position of a bad label, or -1.
    """
    if input.size < LAUNCH:
        return _checked_loss(input, target, p, weights, margin)
    bad = Labels_outside(target, input.shape[1])
    return 0.0 if bad >= 0 else _loss_parallel(input, target, p, weights, margin, numba.get_num_threads()), bad


@kernel
def _gradient(input, target, gradInput, p, weights, margin, norm, first, last):
    margin, zero = input.dtype.type(margin), input.dtype.type(0)
    for n in range(first, last):
        x, g, label = input[n], gradInput[n], target[n] - 1
        factor = input.dtype.type(norm if weights is None else norm * weights[label])
        total = zero
        for i in range(x.size):
            z = margin - x[label] + x[i]
            g[i] = zero
            if i != label and z > zero:
                g[i] = factor if p == 1 else factor * (z + z)
                total += g[i]
        g[label] = -total


@parallel
def _gradient_parallel(input, target, gradInput, p, weights, margin, norm, parts):
    samples = len(input)
    for t in prange(parts):
        first, last = samples * t // parts, samples * (t + 1) // parts
        _gradient(input, target, gradInput, p, weights, margin, norm, first, last)


def MultiMarginCriterion_updateGradInput(
    input: Any, target: Any, gradInput: Any, p: int, weights: Any, margin: float, norm: float
) -> None:
    """The derivative of the loss times ``norm``."""
    if input.size < LAUNCH:
        _gradient(input, target, gradInput, p, weights, margin, norm, 0, len(input))
    else:
        _gradient_parallel(input, target, gradInput, p, weights, margin, norm, numba.get_num_threads())
