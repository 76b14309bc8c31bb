"""Sums and joins of tensors."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.partition import ranged
from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.2, inputs=2)
def Sum_updateOutput(x, y):
    """``output = x + y``"""
    return x + y


@elementwise(0.2, inputs=2)
def RectifiedSum_updateOutput(x, y):
    """``output = x + y`` where that is positive, else 0"""
    s = x + y
    return simd.select(s > 0, s, simd.splat(x, 0))


@ranged
def _copy(low, high, x, output, count, step, offset):
    for n in range(low, high):
        source, target = x[n * count : (n + 1) * count], output[n * step + offset : n * step + offset + count]
        for i in range(count):
            target[i] = source[i]


def Join_updateOutput(x: Any, output: Any, count: int, step: int, offset: int) -> None:
    """Rows of ``count`` elements of x go into rows of ``step`` elements of the output, from ``offset`` on."""
    _copy(x.size // count, 0.2 * x.size, x, output, count, step, offset)
