"""The negative log-likelihood of classes: one log-probability is picked at each sample or location.

``input`` and ``gradInput`` are samples x classes x locations, ``target`` holds a label for each sample and location.
"""

from __future__ import annotations

from typing import Any

from ..cpu.gemm.transpose import clear
from ..cpu.runtime.jit import kernel
from ..cpu.runtime.partition import LAUNCH, flat, ranged
from ..cpu.simd import registers as simd

#: Nanoseconds of an element, those of LogSoftMax's gradient: who reads a row there shall have cleared it here. To fetch
#: what another processor wrote can take longer than to clear it all.
CLEAR = 0.3


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


@ranged
def _clear(low, high, x):
    clear(simd.at(x, low), high - low)


@kernel
def _gradient(gradInput, target, weights, ignoreIndex, factor, whole):
    samples, classes, locations = gradInput.shape
    bad = bad_label(target, classes, ignoreIndex)
    if bad >= 0:
        return bad
    if whole:
        clear(simd.at(gradInput, 0), gradInput.size)
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
    work = CLEAR * gradInput.size
    if work < LAUNCH:  # one call in all: small networks are mostly calls
        return _gradient(gradInput, target, weights, ignoreIndex, factor, True)
    bad = bad_label(target, gradInput.shape[1], ignoreIndex)
    if bad < 0:
        _clear(gradInput.size, work, flat(gradInput), unit=1024)  # whole lines of the cache, and pages mostly
        _gradient(gradInput, target, weights, ignoreIndex, factor, False)
    return bad
