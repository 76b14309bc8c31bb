"""Products of matrices by cuBLAS, added to their result where asked, and what goes with them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from torch7 import arrays

from .runtime import Kernels, blocks

TEXT = """\
#include "common.cuh"
template <class T> __global__ void fill_rows(T* y, const T* bias, index_t n, int columns) {
    for (EACH(i, n)) y[i] = bias[i % columns];
}
template <class T> __global__ void __launch_bounds__(256)
    add_columns(const T* g, T* sums, int rows, int columns, T scale) {
    __shared__ T room[8][33];
    int c = blockIdx.x * 32 + threadIdx.x % 32, part = threadIdx.x / 32;
    T sum = 0;
    if (c < columns)
        for (int r = part; r < rows; r += 8) sum += g[(index_t)r * columns + c];
    room[part][threadIdx.x % 32] = sum;
    __syncthreads();
    if (part == 0 && c < columns) {
        for (int k = 1; k < 8; k++) sum += room[k][threadIdx.x];
        sums[c] += scale * sum;
    }
}
"""
_launch = Kernels("products", TEXT)


def _cublas() -> Any:
    """CuPy's module of that name, which ``import cupy`` need not import."""
    return getattr(arrays.cupy(), "cublas", None) or import_module("cupy.cublas")


def gemm(
    c: Any, a: Any, b: Any, transA: bool = False, transB: bool = False, alpha: float = 1.0, beta: float = 0.0
) -> None:
    """``c = alpha op(a) op(b) + beta c`` for contiguous matrices."""
    if c.size and a.size:
        way = "NT"
        _cublas().gemm(way[transA], way[transB], a, b, out=c, alpha=alpha, beta=beta)
    elif beta == 0:
        c.fill(0)


def fill_rows(y: Any, bias: Any) -> None:
    """Every row of the matrix ``y`` becomes ``bias``."""
    _launch.each("fill_rows", y.size, y, y, bias, y.size, bias.size)


def add_columns(g: Any, scale: float, sums: Any) -> None:
    """``sums += scale *`` the sums of the columns of the matrix ``g``, rows in one fixed order."""
    if g.size:
        rows, columns = g.shape
        _launch("add_columns<T>", g.dtype, blocks(columns, 32, columns), 256, g, sums, rows, columns, scale)
