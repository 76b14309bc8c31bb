"""The negative log-likelihood of classes: one log-probability is picked at each sample or location.

``input`` and ``gradInput`` are samples x classes x locations, ``target`` holds a label for each sample and location.
"""

from __future__ import annotations

from typing import Any

from numba import prange

from ..cpu.runtime.jit import kernel, parallel
from ..cpu.runtime.partition import bound, flat, threads


@kernel
def ClassNLLCriterion_updateOutput(input, target, weights, ignoreIndex):
    """The sum of ``-weight * log-probability``, the sum of the weights, and the position of a bad label or -1."""
    samples, classes, locations = input.shape
    loss = total = 0.0
    for i in range(samples):
        for j in range(locations):
            label = target[i * locations + j]
            if label == ignoreIndex:
                continue
            if label < 1 or label > classes:
                return loss, total, i * locations + j
            weight = 1.0 if weights is None else weights[label - 1]
            loss -= weight * input[i, label - 1, j]
            total += weight
    return loss, total, -1


@kernel
def bad_label(target, classes, ignoreIndex):
    """The position of the first label that is not in 1..classes and not ignored, or -1."""
    for k in range(target.size):
        if target[k] != ignoreIndex and (target[k] < 1 or target[k] > classes):
            return k
    return -1


@kernel
def _clear(x, low, high):
    part = x[low:high]
    for i in range(part.size):
        part[i] = 0


@parallel
def _clear_parallel(x, parts):
    for t in prange(parts):
        _clear(x, bound(x.size, t, parts, 1024), bound(x.size, t + 1, parts, 1024))


@kernel
def _gradient(gradInput, target, weights, ignoreIndex, factor, clear):
    samples, classes, locations = gradInput.shape
    bad = bad_label(target, classes, ignoreIndex)
    if bad >= 0:
        return bad
    if clear:
        _clear(gradInput.reshape(-1), 0, gradInput.size)
    for i in range(samples):
        for j in range(locations):
            label = target[i * locations + j]
            if label != ignoreIndex:
                gradInput[i, label - 1, j] = factor * (1.0 if weights is None else weights[label - 1])
    return -1


def ClassNLLCriterion_updateGradInput(
    gradInput: Any, target: Any, weights: Any, ignoreIndex: int, factor: float
) -> int:
    """``gradInput = factor * weight`` at the labels, 0 elsewhere; returns the position of a bad label or -1."""
    parts = threads(0.05 * gradInput.size)
    if parts == 1:
        return _gradient(gradInput, target, weights, ignoreIndex, factor, True)
    bad = bad_label(target, gradInput.shape[1], ignoreIndex)
    if bad < 0:
        _clear_parallel(flat(gradInput), parts)
        _gradient(gradInput, target, weights, ignoreIndex, factor, False)
    return bad
