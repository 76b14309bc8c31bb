"""Unfold and fold: windows of planes as columns, and columns added up to planes."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from .differentiable import differentiable
from .geometry import at_least, sizes


def _resolved(kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple:
    named = {"kernel_size": kernel_size, "dilation": dilation, "padding": padding, "stride": stride}
    found = {name: sizes(name, value, 2) for name, value in named.items()}
    for name, value in found.items():
        at_least(name, value, 0 if name == "padding" else 1)
    return tuple(found.values())


def _windows(spatial: tuple, kernel: tuple, dilation: tuple, padding: tuple, stride: tuple) -> tuple:
    """How many windows fit along each axis; ``ValueError`` if none does."""
    axes = zip(spatial, kernel, dilation, padding, stride)
    found = tuple((n + 2 * p - d * (k - 1) - 1) // s + 1 for n, k, d, p, s in axes)
    if min(found) < 1:
        raise ValueError(f"unfold: planes of {spatial} have no window of {kernel}, dilation {dilation}: {found}")
    return found


def _views(image: Any, counts: tuple, kernel: tuple, dilation: tuple, stride: tuple) -> Any:
    """For each place in the window: itself, and the view of the padded image that it takes in all windows."""
    for a in range(kernel[0]):
        for b in range(kernel[1]):
            top, left = a * dilation[0], b * dilation[1]
            rows = slice(top, top + (counts[0] - 1) * stride[0] + 1, stride[0])
            columns = slice(left, left + (counts[1] - 1) * stride[1] + 1, stride[1])
            yield (a, b), image[:, :, rows, columns]


def unfold(input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Input (N, C, H, W) or (C, H, W); output (N, C * kH * kW, windows): each column holds one window."""
    kernel, dilation, padding, stride = _resolved(kernel_size, dilation, padding, stride)
    if input.ndim not in (3, 4) or 0 in input.shape[-3:]:
        raise ValueError(f"unfold: expected (N, C, H, W) or (C, H, W), got {input.shape}")
    x = input if input.ndim == 4 else input[None]
    counts = _windows(x.shape[2:], kernel, dilation, padding, stride)
    image = np.pad(x, [(0, 0), (0, 0), *((p, p) for p in padding)])
    y = np.empty((*x.shape[:2], *kernel, *counts), x.dtype)
    for (a, b), view in _views(image, counts, kernel, dilation, stride):
        y[:, :, a, b] = view
    y = y.reshape(len(x), x.shape[1] * prod(kernel), prod(counts))
    return y if input.ndim == 4 else y[0]


def fold(input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1) -> Any:
    """Input (N, C * kH * kW, windows) or without N; output (N, C, H, W): what lies on one place is added up."""
    kernel, dilation, padding, stride = _resolved(kernel_size, dilation, padding, stride)
    spatial = sizes("output_size", output_size, 2)
    if input.ndim not in (2, 3) or 0 in input.shape[-2:]:
        raise ValueError(f"fold: expected (N, C * kernel, windows) or (C * kernel, windows), got {input.shape}")
    counts = _windows(spatial, kernel, dilation, padding, stride)
    if input.shape[-2] % prod(kernel) or input.shape[-1] != prod(counts):
        raise ValueError(
            f"fold: input {input.shape}, but kernel {kernel} needs a multiple of {prod(kernel)} rows and "
            f"{counts} windows of {spatial}"
        )
    x = input.reshape(-1 if input.size else len(input), input.shape[-2] // prod(kernel), *kernel, *counts)
    image = np.zeros((*x.shape[:2], *(n + 2 * p for n, p in zip(spatial, padding))), x.dtype)
    for (a, b), view in _views(image, counts, kernel, dilation, stride):
        view += x[:, :, a, b]
    inside = tuple(slice(p, p + n) for p, n in zip(padding, spatial))
    y = np.ascontiguousarray(image[(..., *inside)])
    return y if input.ndim == 3 else y[0]


def unfold_backward(
    gradOutput: Any, input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1
) -> tuple:
    """:func:`fold` of the gradient."""
    return (fold(gradOutput, input.shape[-2:], kernel_size, dilation, padding, stride),)


def fold_backward(
    gradOutput: Any, input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
    stride: Any = 1,
) -> tuple:  # fmt: skip
    """:func:`unfold` of the gradient."""
    return (unfold(gradOutput, kernel_size, dilation, padding, stride),)


unfold = differentiable(unfold_backward)(unfold)
fold = differentiable(fold_backward)(fold)
