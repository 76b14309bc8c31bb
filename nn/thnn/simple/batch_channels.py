"""What batch normalisation keeps of a channel, and what its gradients are made of."""

from __future__ import annotations

import math

from ..cpu.runtime.jit import inner


@inner
def record(c, total, squares, n, running, saved, momentum, eps):
    """Keep mean and inverse deviation of a channel's batch, and move the running statistics towards the batch's."""
    mean = total / n
    saved[0][c] = mean
    saved[1][c] = 0.0 if squares == 0 and eps == 0 else 1 / math.sqrt(squares / n + eps)
    running[0][c] = momentum * mean + (1 - momentum) * running[0][c]
    running[1][c] = momentum * (squares / (n - 1)) + (1 - momentum) * running[1][c]


@inner
def statistics(c, running, saved, training, eps):
    """Mean and inverse deviation that normalise a channel."""
    if training:
        return saved[0][c], saved[1][c]
    return running[0][c], saved[1].dtype.type(1 / math.sqrt(running[1][c] + eps))


@inner
def accumulate(c, total, dot, inverse, gradients, factor):
    """Add to the gradients of weight and bias where there are any."""
    gradWeight, gradBias = gradients
    if gradWeight.size:
        gradWeight[c] += factor * dot * inverse
    if gradBias.size:
        gradBias[c] += factor * total


@inner
def slope(dot, inverse, n):
    """How steeply the gradient falls with x - mean, rounded at every step."""
    real = type(inverse)
    return real(real(real(real(dot) * inverse) * inverse) / real(n))
