"""Sums, products and copies of tensors, and tensors side by side in one."""

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
def Difference_updateOutput(x, y):
    """``output = x - y``"""
    return x - y


@elementwise(0.2, inputs=2)
def ElementProduct_updateOutput(x, y):
    """``output = x * y``"""
    return x * y


@elementwise(0.15)
def Negative_updateOutput(x):
    """``output = -x``"""
    return -x


@elementwise(0.15)
def Copy_updateOutput(x):
    """``output = x``"""
    return x


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


@ranged
def _take(low, high, x, whole, count, step, offset):
    for n in range(low, high):
        target, source = x[n * count : (n + 1) * count], whole[n * step + offset : n * step + offset + count]
        for i in range(count):
            target[i] = source[i]


def Join_updateOutput(x: Any, output: Any, count: int, step: int, offset: int) -> None:
    """Rows of ``count`` elements of x go into rows of ``step`` elements of the output, from ``offset`` on."""
    _copy(x.size // count, 0.2 * x.size, x, output, count, step, offset)


def Join_updateGradInput(x: Any, gradOutput: Any, count: int, step: int, offset: int) -> None:
    """Rows of ``count`` elements of x come from such rows of gradOutput."""
    _take(x.size // count, 0.2 * x.size, x, gradOutput, count, step, offset)
