"""Sums of the parts that blocks leave behind, in one order, as numbers that stay on the GPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .results import Fault, Result, Slot, result
from .runtime import Kernels, blocks
from .workspace import take

TEXT = """\
#include "common.cuh"
template <class T> __global__ void __launch_bounds__(256) add_parts(const T* parts, double* slot, int n) {
    __shared__ double room[32];
    double sum = 0;
    for (int i = threadIdx.x; i < n; i += 256) sum += parts[i];
    sum = block_reduce(sum, Sum<double>(), room);
    if (threadIdx.x == 0) slot[0] = sum, slot[1] = -1;
}
// slot[1]: the first place that is told, or -1.
template <class T> __global__ void __launch_bounds__(256) first_fault(const T* places, double* slot, int n) {
    __shared__ double room[32];
    double best = -1e300;
    for (int i = threadIdx.x; i < n; i += 256)
        if (places[i] >= 0 && -1 - places[i] > best) best = -1 - places[i];
    best = block_reduce(best, Max<double>(), room);
    if (threadIdx.x == 0) slot[0] = 0, slot[1] = best == -1e300 ? -1.0 : -1 - best;
}
template <class T> __global__ void __launch_bounds__(256) products(const T* x, const T* y, double* parts, index_t n) {
    __shared__ double room[32];
    double sum = 0;
    for (EACH(i, n)) sum += (double)(x[i] * y[i]);
    sum = block_reduce(sum, Sum<double>(), room);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}
template <class T> __global__ void __launch_bounds__(256) row_sums(const T* x, T* sums, index_t rows, int n) {
    int lane = threadIdx.x % 32;
    for (index_t row = blockIdx.x * (index_t)8 + threadIdx.x / 32; row < rows; row += gridDim.x * (index_t)8) {
        double sum = 0;
        for (int i = lane; i < n; i += 32) sum += x[row * n + i];
        sum = warp_reduce(sum, Sum<double>());
        if (lane == 0) sums[row] = (T)sum;
    }
}
"""
_launch = Kernels("sums", TEXT)


def sum_of(parts: Any, n: int) -> Result:
    """The sum of the first ``n`` elements of ``parts``."""
    slot = Slot()
    _launch("add_parts<T>", parts.dtype, (1,), 256, parts, slot.memory, n)
    return result(slot)


def first_fault(places: Any) -> Fault:
    """The first of the places, where something is wrong, that is not -1; one for each of several parts."""
    return Fault(lambda slot: _launch("first_fault<T>", places.dtype, (1,), 256, places, slot, places.size))


def number(write: Callable[[Any], None], refuse: Callable[[int], None] | None = None) -> Result:
    """The number that ``write`` has a kernel put into a slot: value, and -1 or the place of a fault."""
    slot = Slot(refuse)
    write(slot.memory)
    return result(slot)


def dot(x: Any, y: Any) -> Any:
    """The inner product of two arrays of one dtype and one element count, a float64 array of no dimensions."""
    grid = blocks(x.size, 1024, 512)
    parts = take("dot", np.float64, grid[0])
    _launch("products<T>", x.dtype, grid, 256, x, y, parts, x.size)
    return parts.sum()


def rowSums(x: Any, sums: Any) -> None:
    """``sums[n]``, the sum of row n of the matrix ``x``."""
    if sums.size != len(x):
        raise ValueError(f"{len(x)} rows have {len(x)} sums, got room for {sums.size}")
    if sums.size:
        _launch("row_sums<T>", x.dtype, blocks(len(x), 8), 256, x, sums, *x.shape)
