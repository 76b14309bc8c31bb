"""Launches of row_normalization.cu."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..cuda.runtime import blocks, kernels

_launch = kernels(__name__)


def RowNormalization_updateOutput(
    input: Any, output: Any, saved: Any, affine: tuple, rows: tuple, centred: bool, eps: float
) -> None:
    count = saved.shape[1]
    if input.size:
        sizes = count, input.size // count, *rows, centred, eps
        _launch("normalize_rows<T>", input.dtype, blocks(count, 1), 256, input, output, saved, *affine, *sizes)


def RowNormalization_ready(
    output: Any, saved: Any, affine: tuple, rows: tuple, centred: bool, eps: float
) -> Callable[[Any], None]:
    return lambda input: RowNormalization_updateOutput(input, output, saved, affine, rows, centred, eps)


def RowNormalization_backward(arrays: tuple, saved: Any, parameters: tuple, rows: tuple, centred: bool) -> None:
    x, dy, dx = arrays
    (weight, *gradients), count, (groups, channels, inner) = parameters, saved.shape[1], rows
    if x.size:
        sizes = count, x.size // count, *rows, centred
        _launch("normalized_gradient<T>", x.dtype, blocks(count, 1), 256, x, dy, dx, saved, weight, *sizes)
    if any(v is not None for v in gradients):
        given, size = (x, dy, saved, *gradients, count, groups, channels), groups * channels
        if inner == 1:
            _launch("affine_columns<T>", x.dtype, blocks(size, 32, size), 256, *given)
        else:
            _launch("affine_runs<T>", x.dtype, (size,), 256, *given, inner)
