"""LeakyReLU: the negative side has a slope."""

from __future__ import annotations

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.15)
def LeakyReLU_updateOutput(x, slope):
    """``output = input > 0 ? input : slope * input``"""
    return simd.select(x > 0, x, slope * x)


@elementwise(0.2, inputs=2)
def LeakyReLU_updateGradInput(x, dy, slope):
    """``gradInput = input > 0 ? gradOutput : slope * gradOutput``"""
    return simd.select(x > 0, dy, slope * dy)
