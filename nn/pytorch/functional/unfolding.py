"""Unfold and fold: windows of planes as columns, and columns added up to planes."""

from __future__ import annotations

from math import prod
from typing import Any

from ... import thnn
from .differentiable import differentiable
from .elementwise import check_float
from .geometry import at_least, fits, room, sizes


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


def unfold(
    input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1, *, out: Any = None
) -> Any:
    """Input (N, C, H, W) or (C, H, W); output (N, C * kH * kW, windows): each column holds one window."""
    kernel, dilation, padding, stride = _resolved(kernel_size, dilation, padding, stride)
    if input.ndim not in (3, 4) or 0 in input.shape[-3:]:
        raise ValueError(f"unfold: expected (N, C, H, W) or (C, H, W), got {input.shape}")
    check_float("unfold", input)
    counts = _windows(input.shape[-2:], kernel, dilation, padding, stride)
    y = room(out, (*input.shape[:-3], input.shape[-3] * prod(kernel), prod(counts)), input.dtype, input)
    if y.size:
        window = kernel, dilation, padding, stride
        thnn.Unfold_updateOutput(thnn.contiguous(input), y, input.shape[-2:], window, counts)
    return y


def fold(
    input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1, *,
    out: Any = None,
) -> Any:  # fmt: skip
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
    check_float("fold", input)
    y = room(out, (*input.shape[:-2], input.shape[-2] // prod(kernel), *spatial), input.dtype, input)
    if y.size:
        window = kernel, dilation, padding, stride
        thnn.Unfold_updateGradInput(thnn.contiguous(input), y, spatial, window, counts)
    return y


def unfold_backward(
    gradOutput: Any, input: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0, stride: Any = 1, *,
    out: Any = None,
) -> tuple:  # fmt: skip
    """:func:`fold` of the gradient."""
    gx = fold(gradOutput, input.shape[-2:], kernel_size, dilation, padding, stride, out=out)
    fits("unfold", gx, input.shape)
    return (gx,)


def fold_backward(
    gradOutput: Any, input: Any, output_size: Any, kernel_size: Any, dilation: Any = 1, padding: Any = 0,
    stride: Any = 1, *, out: Any = None,
) -> tuple:  # fmt: skip
    """:func:`unfold` of the gradient."""
    fits("fold", gradOutput, (*gradOutput.shape[:-2], *sizes("output_size", output_size, 2)))
    gx = unfold(gradOutput, kernel_size, dilation, padding, stride, out=out)
    fits("fold", gx, input.shape)
    return (gx,)


unfold = differentiable(unfold_backward)(unfold)
fold = differentiable(fold_backward)(fold)
