"""Sigmoid: ``y = 1 / (1 + exp(-x))``."""

from __future__ import annotations

from ..cpu.simd import math as vecmath
from ..cpu.simd.elementwise import elementwise


@elementwise(0.35)
def Sigmoid_updateOutput(x):
    """``output = 1 / (1 + exp(-input))``"""
    return vecmath.sigmoid(x)


@elementwise(0.2, inputs=2)
def Sigmoid_updateGradInput(y, dy):
    """``gradInput = gradOutput * (1 - output) * output``"""
    return dy * (1 - y) * y
