"""SoftSign, x / (1 + |x|)."""

from __future__ import annotations

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.2)
def SoftSign_updateOutput(x):
    """``output = input / (1 + abs(input))``"""
    return x / (1 + simd.absolute(x))


@elementwise(0.25, inputs=2)
def SoftSign_updateGradInput(x, dy):
    """``gradInput = gradOutput / (1 + abs(input))^2``"""
    d = 1 + simd.absolute(x)
    return dy / (d * d)
