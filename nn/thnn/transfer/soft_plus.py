"""SoftPlus, log(1 + exp(beta x)) / beta, and x itself where beta x exceeds a threshold."""

from __future__ import annotations

from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.8)
def SoftPlus_updateOutput(x, beta, threshold):
    """``output = log(1 + exp(beta * input)) / beta``"""
    z = x * beta
    return simd.select(z > threshold, x, vecmath.softplus(z) / beta)


@elementwise(0.5, inputs=2)
def SoftPlus_updateGradInput(y, dy, beta, threshold):
    """``gradInput = gradOutput * (1 - exp(-beta * output))``"""
    z = y * beta
    return simd.select(z > threshold, dy, dy * -vecmath.expm1(-z))
