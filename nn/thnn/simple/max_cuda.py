"""Launches of max.cu. Places of another input are nobody's: their gradients go nowhere."""

from __future__ import annotations

from math import prod
from typing import Any

from ..cuda.runtime import blocks, kernels

_launch = kernels(__name__)
#: From this length on a row takes a warp.
LONG = 64


def Max_updateOutput(input: Any, output: Any, indices: Any, axis: int, sign: int) -> None:
    outer, n, inner = prod(input.shape[:axis]), input.shape[axis], prod(input.shape[axis + 1 :])
    if inner == 1 and n >= LONG and outer:
        _launch("row_extrema<T>", input.dtype, blocks(outer, 8), 256, input, output, indices, outer, n, sign)
    else:
        outputs = outer * inner
        _launch.each("extrema", outputs, input, input, output, indices, outputs, n, inner, sign)


def Max_updateGradInput(gradOutput: Any, gradInput: Any, indices: Any, axis: int) -> bool:
    n, inner = gradInput.shape[axis], prod(gradInput.shape[axis + 1 :])
    size = gradInput.size
    _launch.each("extrema_gradient", size, gradInput, gradOutput, gradInput, indices, size, n, inner)
    return True
