"""CrossMapLRN2d, the older form of LocalResponseNorm."""

from __future__ import annotations

from typing import Any

import numpy as np

from .module import Module


def _window_sums(x: Any, below: int, above: int) -> Any:
    """For each channel the sum over those from ``below`` lower to ``above`` higher."""
    sums = np.zeros_like(x)
    channels = x.shape[1]
    for c in range(channels):
        sums[:, c] = x[:, max(0, c - below) : max(0, min(channels, c + above + 1))].sum(1)
    return sums


class CrossMapLRN2d(Module):
    """``x / (k + alpha / size S)^beta`` for (N, C, H, W); ``S`` sums ``x^2`` over about ``size`` channels around each.

    Numbers are PyTorch's, which are not those of :class:`LocalResponseNorm`: the square of the first channel stays in
    every sum, and the gradient sums over a window that lies one channel lower than the one of the forward.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__()
        self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

    def forward(self, input: Any) -> Any:
        self.check(input)
        if input.ndim != 4:
            raise ValueError(f"CrossMapLRN2d: Expected input to be 4D, got {input.ndim}D instead.")
        reach = int((self.size - 1) / 2)
        square = input * input
        sums = _window_sums(square, reach, reach)
        sums[:, reach + 1 :] += square[:, :1]
        self.saved = self.k + self.alpha / self.size * sums
        return np.multiply(input, self.saved**-self.beta, out=self.buffer("output", input.shape, input.dtype, input))

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0) -> Any:
        scaled = gradOutput * self.saved**-self.beta
        below = int(self.size - (self.size - 1) / 2)
        sums = _window_sums(scaled * input / self.saved, below, self.size - 1 - below)
        return scaled - 2 * self.alpha * self.beta / self.size * input * sums

    def extra_repr(self) -> str:
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"
