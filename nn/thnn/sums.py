"""Sums of vectors: by short blocks in the element type, which are added in double precision in one fixed order."""

from __future__ import annotations

from typing import Any

from . import simd
from .chunks import flat
from .jit import kernel

#: Vectors in a block.
BLOCK = 16


@kernel
def sum_of(x, start, n):
    """sum of x[start] ... x[start + n - 1]"""
    width = simd.lanes(x)
    total = 0.0
    for block in range(start, start + n, BLOCK * width):
        stop = min(start + n, block + BLOCK * width)
        rest = (stop - block) % width
        sums = simd.load_first(x, stop - rest, rest) if rest else simd.splat(x, 0)
        for i in range(block, stop - rest, width):
            sums += simd.load(x, i)
        total += simd.total(sums)
    return total


@kernel
def dot_of(x, x_start, y, y_start, n, x_shift, y_shift):
    """sum (x[x_start + i] - x_shift) (y[y_start + i] - y_shift) over n elements"""
    width = simd.lanes(x)
    zero = simd.splat(x, 0)
    total = 0.0
    for block in range(0, n, BLOCK * width):
        stop = min(n, block + BLOCK * width)
        rest = (stop - block) % width
        sums = zero
        for i in range(block, stop - rest, width):
            sums += (simd.load(x, x_start + i) - x_shift) * (simd.load(y, y_start + i) - y_shift)
        if rest:
            i = stop - rest
            v = (simd.load_first(x, x_start + i, rest) - x_shift) * (simd.load_first(y, y_start + i, rest) - y_shift)
            sums += simd.select(simd.steps(x, 0) < rest, v, zero)
        total += simd.total(sums)
    return total


def dot(x: Any, y: Any) -> float:
    """The inner product of two arrays of one dtype and one element count."""
    return _dot(flat(x), flat(y))


@kernel
def _dot(x, y):
    zero = x.dtype.type(0)
    return dot_of(x, 0, y, 0, x.size, zero, zero)
