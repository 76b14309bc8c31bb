"""The hinge loss of several labels a sample; ``target`` holds them as a list that the first 0 ends."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inner, kernel
from ..cpu.runtime.partition import ranged, ranged_sum


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


@inner
def _label_loss(x, others, label, loss):
    """``loss`` and ``max(0, 1 - (x[label] - x[i]))`` of every class i that is no label."""
    one, zero = x.dtype.type(1), x.dtype.type(0)
    for i in range(x.size):
        if others[i] == 0:
            loss += max(one - (x[label] - x[i]), zero)
    return loss


@ranged_sum
def _loss(first, last, input, target, isTarget):
    loss = 0.0
    for n in range(first, last):
        for k in range(input.shape[1]):
            if target[n, k] == 0:
                break
            loss = _label_loss(input[n], isTarget[n], target[n, k] - 1, loss)
    return loss


def MultiLabelMarginCriterion_updateOutput(input: Any, target: Any, isTarget: Any) -> float:
    """The sum of ``max(0, 1 - (input[y] - input[i]))`` over labels y and classes i that are none."""
    return _loss(len(input), 2 * input.size, input, target, isTarget)


@inner
def _label_gradient(x, others, label, norm, g):
    """Add what one label gives."""
    one, zero = x.dtype.type(1), x.dtype.type(0)
    for i in range(x.size):
        if others[i] == 0 and one - (x[label] - x[i]) > zero:
            g[label] -= norm
            g[i] += norm


@ranged
def _gradient(first, last, input, target, isTarget, gradInput, norm):
    step = input.dtype.type(norm)
    for n in range(first, last):
        g = gradInput[n]
        g[:] = 0
        for k in range(g.size):
            if target[n, k] == 0:
                break
            _label_gradient(input[n], isTarget[n], target[n, k] - 1, step, g)


def MultiLabelMarginCriterion_updateGradInput(
    input: Any, target: Any, isTarget: Any, gradInput: Any, norm: float
) -> None:
    """The derivative of the loss times ``norm``."""
    _gradient(len(input), 2 * input.size, input, target, isTarget, gradInput, norm)
