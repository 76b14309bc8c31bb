"""ELU: the negative side bends to -alpha."""

from __future__ import annotations

from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.5)
def ELU_updateOutput(x, alpha):
    """``output = input > 0 ? input : alpha * (exp(input) - 1)``"""
    return simd.select(x > 0, x, alpha * vecmath.expm1(x))


@elementwise(0.2, inputs=2)
def ELU_updateGradInput(y, dy, alpha):
    """``gradInput = gradOutput * (output <= 0 ? output + alpha : 1)``"""
    return simd.select(y <= 0, dy * (y + alpha), dy)
