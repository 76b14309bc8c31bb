"""LogSigmoid, log(1 / (1 + exp(-x))), without overflow."""

from __future__ import annotations

from ..cpu.simd import math as vecmath
from ..cpu.simd.elementwise import elementwise


@elementwise(0.8)
def LogSigmoid_updateOutput(x):
    """``output = -log(1 + exp(-input))``"""
    return -vecmath.softplus(-x)


@elementwise(0.4, inputs=2)
def LogSigmoid_updateGradInput(x, dy):
    """``gradInput = gradOutput / (1 + exp(input))``"""
    return dy * vecmath.sigmoid(-x)
