"""Functions that give an array another shape."""

from __future__ import annotations

from math import prod
from typing import Any

from .differentiable import differentiable
from .geometry import fits


def flatten_backward(gradOutput: Any, input: Any, start_dim: int = 0, end_dim: int = -1) -> tuple:
    """Gradient of :func:`flatten`."""
    fits("flatten", gradOutput, flatten(input, start_dim, end_dim).shape)
    return (gradOutput.reshape(input.shape),)


@differentiable(flatten_backward)
def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Any:
    """Dimensions ``start_dim`` to ``end_dim`` as one; ``IndexError`` for dimensions that are not there."""
    n = input.ndim
    if n == 0:
        return input.reshape(1)
    if not (-n <= start_dim < n and -n <= end_dim < n):
        raise IndexError(f"flatten: dimensions {start_dim} to {end_dim} of an input of shape {input.shape}")
    start, end = start_dim % n, end_dim % n
    if start > end:
        raise ValueError(f"flatten: start_dim {start_dim} comes after end_dim {end_dim}")
    return input.reshape(*input.shape[:start], prod(input.shape[start : end + 1]), *input.shape[end + 1 :])
