"""Linear by cuBLAS: the bias fills the output before the product is added, gradients are added where they belong."""

from __future__ import annotations

from typing import Any

from ..cuda.products import add_columns, fill_rows, gemm


def _matrix(x: Any) -> Any:
    return x.reshape(1, -1) if x.ndim == 1 else x


def Linear_updateOutput(input: Any, output: Any, weight: Any, bias: Any) -> None:
    y = _matrix(output)
    if bias is not None:
        fill_rows(y, bias)
    gemm(y, _matrix(input), weight, transB=True, beta=0.0 if bias is None else 1.0)


def Linear_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any) -> None:
    gemm(_matrix(gradInput), _matrix(gradOutput), weight)


def Linear_accGradParameters(input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, scale: float) -> None:
    g = _matrix(gradOutput)
    gemm(gradWeight, g, _matrix(input), transA=True, alpha=float(scale), beta=1.0)
    if gradBias is not None:
        add_columns(g, float(scale), gradBias)
