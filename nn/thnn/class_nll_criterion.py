"""The negative log-likelihood of classes: one log-probability is picked at each sample or location.

``input`` and ``gradInput`` are samples x classes x locations, ``target`` holds a label for each sample and location.
"""

from __future__ import annotations

from .jit import kernel


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
def ClassNLLCriterion_updateGradInput(gradInput, target, weights, ignoreIndex, factor):
    """``gradInput = factor * weight`` at the labels, 0 elsewhere; returns the position of a bad label or -1."""
    samples, classes, locations = gradInput.shape
    for k in range(target.size):
        if target[k] != ignoreIndex and (target[k] < 1 or target[k] > classes):
            return k
    flat = gradInput.reshape(-1)
    for k in range(flat.size):
        flat[k] = 0
    for i in range(samples):
        for j in range(locations):
            label = target[i * locations + j]
            if label != ignoreIndex:
                gradInput[i, label - 1, j] = factor * (1.0 if weights is None else weights[label - 1])
    return -1
