"""The hinge loss of several labels a sample; ``target`` holds them as a list that the first 0 ends."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import prange

from ..cpu.runtime.jit import kernel, parallel
from ..cpu.runtime.partition import LAUNCH, SUM_PARTS
from ..cpu.simd.sums import sequential_sum


@kernel
def MultiLabelMarginCriterion_mark(target, isTarget):
    """Set ``isTarget`` to 1 at the labels, 0 elsewhere; returns the position of a label outside 0..classes, or -1."""
    samples, classes = target.shape
    for n in range(samples):
        for i in range(classes):
            if target[n, i] < 0 or target[n, i] > classes:
                return n * classes + i
    for n in range(samples):
        for i in range(classes):
            isTarget[n, i] = 0
        for k in range(classes):
            if target[n, k] == 0:
                break
            isTarget[n, target[n, k] - 1] = 1
    return -1


@kernel
def _loss(input, target, isTarget, first, last):
    one, zero = input.dtype.type(1), input.dtype.type(0)
    loss = 0.0
    for n in range(first, last):
        x, others = input[n], isTarget[n]
        for k in range(x.size):
            label = target[n, k] - 1
            if label < 0:
                break
            for i in range(x.size):
                if others[i] == 0:
                    loss += max(one - (x[label] - x[i]), zero)
    return loss


@parallel
def _loss_parallel(input, target, isTarget, parts):
    samples = len(input)
    sums = np.empty(SUM_PARTS)
    for t in prange(parts):
        for k in range(SUM_PARTS * t // parts, SUM_PARTS * (t + 1) // parts):
            sums[k] = _loss(input, target, isTarget, samples * k // SUM_PARTS, samples * (k + 1) // SUM_PARTS)
    return sequential_sum(sums)


def MultiLabelMarginCriterion_updateOutput(input: Any, target: Any, isTarget: Any) -> float:
    """The sum of ``max(0, 1 - (input[y] - input[i]))`` over labels y and classes i that are none."""
    if 2 * input.size < LAUNCH:
        return _loss(input, target, isTarget, 0, len(input))
    return _loss_parallel(input, target, isTarget, numba.get_num_threads())


@kernel
def _gradient(input, target, isTarget, gradInput, norm, first, last):
    one, zero, norm = input.dtype.type(1), input.dtype.type(0), input.dtype.type(norm)
    for n in range(first, last):
        x, others, g = input[n], isTarget[n], gradInput[n]
        for i in range(g.size):
            g[i] = zero
        for k in range(x.size):
            label = target[n, k] - 1
            if label < 0:
                break
            for i in range(x.size):
                if others[i] == 0 and one - (x[label] - x[i]) > zero:
                    g[label] -= norm
                    g[i] += norm


@parallel
def _gradient_parallel(input, target, isTarget, gradInput, norm, parts):
    samples = len(input)
    for t in prange(parts):
        _gradient(input, target, isTarget, gradInput, norm, samples * t // parts, samples * (t + 1) // parts)


def MultiLabelMarginCriterion_updateGradInput(
    input: Any, target: Any, isTarget: Any, gradInput: Any, norm: float
) -> None:
    """The derivative of the loss times ``norm``."""
    if 2 * input.size < LAUNCH:
        _gradient(input, target, isTarget, gradInput, norm, 0, len(input))
    else:
        _gradient_parallel(input, target, isTarget, gradInput, norm, numba.get_num_threads())
