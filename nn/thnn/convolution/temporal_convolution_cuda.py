"""Launches of temporal_convolution.cu, and products by cuBLAS."""

from __future__ import annotations

from typing import Any

from ..cuda.products import add_columns, fill_rows, gemm
from ..cuda.runtime import kernels
from ..cuda.workspace import take

_launch = kernels(__name__)


def _rows(x: Any, frames: int, width: int) -> Any:
    return take("windows", x.dtype, len(x) * frames, width)


def _gathered(input: Any, frames: int, width: int, dW: int) -> Any:
    rows, (_, T, F) = _rows(input, frames, width), input.shape
    _launch.each("windows", rows.size, input, input, rows, rows.size, width, frames, dW * F, T * F)
    return rows


def TemporalConvolution_updateOutput(input: Any, output: Any, weight: Any, bias: Any, kW: int, dW: int) -> None:
    y = output.reshape(-1, output.shape[2])
    if bias is not None:
        fill_rows(y, bias)
    rows = _gathered(input, output.shape[1], weight.shape[1], dW)
    gemm(y, rows, weight, transB=True, beta=0.0 if bias is None else 1.0)


def TemporalConvolution_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any, kW: int, dW: int) -> None:
    frames, width, (_, T, F) = gradOutput.shape[1], weight.shape[1], gradInput.shape
    rows = _rows(gradInput, frames, width)
    gemm(rows, gradOutput.reshape(-1, gradOutput.shape[2]), weight)
    n = gradInput.size
    _launch.each("add_windows", n, gradInput, rows, gradInput, n, width, frames, dW * F, T * F)


def TemporalConvolution_accGradParameters(
    input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, kW: int, dW: int, scale: float
) -> None:
    g = gradOutput.reshape(-1, gradOutput.shape[2])
    rows = _gathered(input, gradOutput.shape[1], gradWeight.shape[1], dW)
    gemm(gradWeight, g, rows, transA=True, alpha=float(scale), beta=1.0)
    if gradBias is not None:
        add_columns(g, float(scale), gradBias)
