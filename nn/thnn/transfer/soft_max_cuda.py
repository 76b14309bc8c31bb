"""Launches of soft_max.cu: a row is kept in the registers of a warp, read twice by a block, or lies across planes."""

from __future__ import annotations

from math import prod
from typing import Any

from ..cuda.runtime import blocks, kernels

_launch = kernels(__name__)
#: Elements of a row that a warp keeps, each lane so many.
LANES = (1, 4, 32)


def _split(x: Any) -> tuple[int, int, int]:
    """Rows, classes and how far apart these are: the first dimension of one or three, the second of two or four."""
    axis = 0 if x.ndim % 2 else 1
    return prod(x.shape[:axis]), x.shape[axis], prod(x.shape[axis + 1 :])


def _forward(x: Any, y: Any, log: str) -> None:
    rows, n, inner = _split(x)
    if not x.size:
        return
    per = next((per for per in LANES if n <= 32 * per), 0)
    if inner > 1:
        _launch(f"softmax_planes<T,{log}>", x.dtype, blocks(rows * inner), 256, x, y, rows * inner, n, inner)
    elif per:
        _launch(f"softmax_warp<T,{per},{log}>", x.dtype, blocks(rows, 4), 128, x, y, rows, n)
    else:
        _launch(f"softmax_block<T,{log}>", x.dtype, blocks(rows, 1), 256, x, y, rows, n)


def _backward(dy: Any, dx: Any, y: Any, log: str) -> None:
    rows, n, inner = _split(y)
    if not y.size:
        return
    if inner > 1:
        grid = blocks(rows * inner)
        _launch(f"softmax_planes_gradient<T,{log}>", y.dtype, grid, 256, dy, y, dx, rows * inner, n, inner)
    else:
        _launch(f"softmax_gradient<T,{log}>", y.dtype, blocks(rows, 1), 256, dy, y, dx, rows, n)


def SoftMax_updateOutput(input: Any, output: Any) -> None:
    _forward(input, output, "false")


def SoftMax_updateGradInput(gradOutput: Any, gradInput: Any, output: Any) -> None:
    _backward(gradOutput, gradInput, output, "false")


def LogSoftMax_updateOutput(input: Any, output: Any) -> None:
    _forward(input, output, "true")


def LogSoftMax_updateGradInput(gradOutput: Any, gradInput: Any, output: Any) -> None:
    _backward(gradOutput, gradInput, output, "true")
