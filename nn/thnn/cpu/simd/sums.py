"""Sums in double precision, whatever the element type, in one fixed order for any number of threads.

``lanes``, a vector of ``LANES`` doubles, is where they grow: element i of an array is added to lane i modulo ``LANES``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..runtime.jit import inner, kernel
from ..runtime.partition import flat, ranged

LANES = 256


@inner
def add(lanes, x):
    """lanes += x"""
    for start in range(0, x.size, LANES):
        block = x[start : start + LANES]
        for i in range(block.size):
            lanes[i] += block[i]


@inner
def add_products(lanes, x, y, x_shift, y_shift):
    """lanes += (x - x_shift) (y - y_shift), the products in the element type"""
    for start in range(0, x.size, LANES):
        a, b = x[start : start + LANES], y[start : start + LANES]
        for i in range(a.size):
            lanes[i] += (a[i] - x_shift) * (b[i] - y_shift)


@inner
def drain(lanes):
    """The sum of the lanes, which are 0 afterwards."""
    half = LANES // 2
    while half:
        for i in range(half):
            lanes[i] += lanes[i + half]
        half //= 2
    total = lanes[0]
    lanes[:] = 0
    return total


@kernel
def sequential_sum(x):
    """The sum of a vector from left to right; ``x.sum()`` in a parallel kernel is divided among the threads."""
    total = 0.0
    for v in x:
        total += v
    return total


def dot(x: Any, y: Any) -> float:
    """The inner product of two arrays of one dtype and one element count."""
    return _dot(flat(x), flat(y))


@kernel
def _dot(x, y):
    zero = x.dtype.type(0)
    lanes = np.zeros(LANES)
    add_products(lanes, x, y, zero, zero)
    return drain(lanes)


@ranged
def _row_sums(low, high, x, sums):
    """Four rows at a time, so that the additions of one need not wait for each other."""
    n = low
    while n + 4 <= high:
        a = b = c = d = 0.0
        for i in range(x.shape[1]):
            a += x[n, i]
            b += x[n + 1, i]
            c += x[n + 2, i]
            d += x[n + 3, i]
        sums[n], sums[n + 1], sums[n + 2], sums[n + 3] = a, b, c, d
        n += 4
    for k in range(n, high):
        total = 0.0
        for v in x[k]:
            total += v
        sums[k] = total


def rowSums(x: Any, sums: Any) -> None:
    """``sums[n]``, the sum of row n of the matrix ``x``, added from left to right."""
    if sums.size != len(x):
        raise ValueError(f"{len(x)} rows have {len(x)} sums, got room for {sums.size}")
    _row_sums(len(x), 0.5 * x.size, x, sums.reshape(-1))
