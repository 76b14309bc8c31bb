"""Local response normalisation: every channel is divided by a power of the squares of its neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np

from .differentiable import differentiable
from .elementwise import check_float
from .geometry import fits


def _sums(x: Any, before: int, after: int) -> Any:
    """For each channel, dimension 1, the sum over channels from ``before`` below to ``after`` above."""
    padded = np.pad(x, [(0, 0), (before, after), *[(0, 0)] * (x.ndim - 2)])
    total = padded[:, : x.shape[1]].copy()
    for k in range(1, before + after + 1):
        total += padded[:, k : k + x.shape[1]]
    return total


def _base(input: Any, size: int, alpha: float, k: float) -> Any:
    check_float("local_response_norm", input)
    if input.ndim < 3:
        raise ValueError(f"local_response_norm: expected 3 or more dimensions, got {input.shape}")
    if size < 1:
        raise ValueError(f"local_response_norm: size must be at least 1, got {size}")
    return k + alpha / size * _sums(input * input, size // 2, (size - 1) // 2)


def local_response_norm_backward(
    gradOutput: Any, input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0
) -> tuple:
    """``g b^-beta - 2 alpha beta / size x R``: ``R`` sums ``g y / b`` over the mirrored window, ``b`` is the base."""
    fits("local_response_norm", gradOutput, input.shape)
    base = _base(input, size, alpha, k)
    scaled = gradOutput * base**-beta
    sums = _sums(scaled * input / base, (size - 1) // 2, size // 2)
    return (scaled - 2 * alpha * beta / size * input * sums,)


@differentiable(local_response_norm_backward)
def local_response_norm(input: Any, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """``x / (k + alpha / size * S)^beta``: ``S`` sums ``x^2`` over channels ``c - size // 2 ... c + (size - 1) // 2``.

    The divisor is ``size`` also where channels are missing. Even sizes reach further down, unlike in Torch.
    """
    return input * _base(input, size, alpha, k) ** -beta
