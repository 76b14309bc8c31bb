"""Launches of cosine_rows.cu."""

from __future__ import annotations

from typing import Any

from ..cuda.runtime import blocks, kernels

_launch = kernels(__name__)


def CosineRows_updateOutput(input1: Any, input2: Any, output: Any, eps: float) -> None:
    if output.size:
        sizes = output.size, input1.shape[-1], eps
        _launch("cosines<T>", output.dtype, blocks(output.size, 8), 256, input1, input2, output, *sizes)


def CosineRows_updateGradInput(arrays: tuple, gradOutput: Any, gradInput1: Any, gradInput2: Any, eps: float) -> None:
    if gradOutput.size:
        given = *arrays, gradOutput, gradInput1, gradInput2
        sizes = gradOutput.size, gradInput1.shape[-1], eps
        _launch("cosine_gradients<T>", gradOutput.dtype, blocks(gradOutput.size, 8), 256, *given, *sizes)
