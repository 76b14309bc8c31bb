"""Tanh: the hyperbolic tangent."""

from __future__ import annotations

from ..cpu.simd import math as vecmath
from ..cpu.simd.elementwise import elementwise


@elementwise(0.5)
def Tanh_updateOutput(x):
    """``output = tanh(input)``"""
    return vecmath.tanh(x)


@elementwise(0.2, inputs=2)
def Tanh_updateGradInput(y, dy):
    """``gradInput = gradOutput * (1 - output^2)``"""
    return dy * (1 - y * y)
