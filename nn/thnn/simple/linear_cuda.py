"""Linear on the GPU: large products by cuBLAS, those that do not fill a GPU by linear.cu, one launch a pass.

With cuBLAS the bias fills the output before the product is added to it; gradients are added where they belong.
"""

from __future__ import annotations

from typing import Any

from ..cuda.products import add_columns, fill_rows, gemm
from ..cuda.runtime import kernels

_launch = kernels(__name__)
#: Multiply-adds of a product, and those of one sum, up to which the time of a launch is more than that of the product.
FEW, SHORT = 1 << 22, 1024
#: Rows that a grid has blocks for.
ROWS = 32 * 65535


def _matrix(x: Any) -> Any:
    return x.reshape(1, -1) if x.ndim == 1 else x


def _small(rows: int, columns: int, depth: int) -> bool:
    """Whether one launch of tiles computes a product."""
    return 0 < rows * columns * depth <= FEW and depth <= SHORT and rows <= ROWS


def _tiles(name: str, arrays: tuple, rows: int, columns: int, depth: int, *numbers: Any) -> None:
    grid = -(-columns // 32), -(-rows // 32)
    _launch(f"{name}<T>", arrays[0].dtype, grid, 256, *arrays, rows, columns, depth, *numbers)


def Linear_updateOutput(input: Any, output: Any, weight: Any, bias: Any) -> None:
    x, y = _matrix(input), _matrix(output)
    sizes = *y.shape, x.shape[1]
    if _small(*sizes):
        _tiles("linear_forward", (x, weight, bias, y), *sizes)
        return
    if bias is not None:
        fill_rows(y, bias)
    gemm(y, x, weight, transB=True, beta=0.0 if bias is None else 1.0)


def Linear_updateGradInput(gradOutput: Any, gradInput: Any, weight: Any) -> None:
    g, dx = _matrix(gradOutput), _matrix(gradInput)
    sizes = *dx.shape, g.shape[1]
    if _small(*sizes):
        _tiles("linear_gradient", (g, weight, dx), *sizes)
        return
    gemm(dx, g, weight)


def Linear_accGradParameters(input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, scale: float) -> None:
    x, g = _matrix(input), _matrix(gradOutput)
    sizes = *gradWeight.shape, len(g)
    if _small(*sizes):
        _tiles("linear_weights", (g, x, gradWeight, gradBias), *sizes, float(scale))
        return
    gemm(gradWeight, g, x, transA=True, alpha=float(scale), beta=1.0)
    if gradBias is not None:
        add_columns(g, float(scale), gradBias)
