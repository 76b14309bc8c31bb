"""Mean squared error, summed in the element type in fixed chunks."""

from __future__ import annotations

from .jit import kernel


@kernel
def MSECriterion_updateOutput(input, target, sizeAverage):
    x, t = input.ravel(), target.ravel()
    loss = 0.0
    for i in range(x.size):
        d = x[i] - t[i]
        loss += d * d
    return loss / x.size if sizeAverage else loss


@kernel
def MSECriterion_updateGradInput(input, target, gradInput, sizeAverage):
    x, t, g = input.ravel(), target.ravel(), gradInput.ravel()
    norm = x.dtype.type(2.0 / x.size if sizeAverage else 2.0)
    for i in range(x.size):
        g[i] = norm * (x[i] - t[i])
