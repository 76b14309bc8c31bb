"""Functions of straight pieces that let a NaN through: clipped, shrunk and rectified values with PyTorch's bounds."""

from __future__ import annotations

from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.15)
def Rectifier_updateOutput(x):
    """``output = input < 0 ? 0 : input``"""
    return simd.select(x < 0, 0, x)


@elementwise(0.2, inputs=2)
def Rectifier_updateGradInput(x, dy):
    """``gradInput = input > 0 ? gradOutput : 0``"""
    return simd.select(x > 0, dy, 0)


@elementwise(0.15)
def Clip_updateOutput(x, low, high):
    """``output = min(max(input, low), high)``"""
    return simd.select(x < low, low, simd.select(x > high, high, x))


@elementwise(0.2, inputs=2)
def Clip_updateGradInput(x, dy, low, high):
    """``gradInput = low < input < high ? gradOutput : 0``"""
    return simd.select(x > low, simd.select(x < high, dy, 0), 0)


@elementwise(0.15)
def HardZero_updateOutput(x, bound):
    """``output = |input| <= bound ? 0 : input``"""
    return simd.select(x <= bound, simd.select(x >= -bound, 0, x), x)


@elementwise(0.2, inputs=2)
def HardZero_updateGradInput(x, dy, bound):
    """``gradInput = |input| <= bound ? 0 : gradOutput``, that of shrinking softly too."""
    return simd.select(x <= bound, simd.select(x >= -bound, 0, dy), dy)


@elementwise(0.15)
def SoftZero_updateOutput(x, bound):
    """``output = input`` moved towards 0 by ``bound``, not beyond."""
    return simd.select(x > bound, x - bound, simd.select(x < -bound, x + bound, x * 0))


@elementwise(0.2)
def HardSigmoid_updateOutput(x):
    """``output = min(max(input + 3, 0), 6) / 6``"""
    v = x + 3
    return simd.select(v < 0, 0, simd.select(v > 6, 6, v)) / 6


@elementwise(0.2, inputs=2)
def HardSigmoid_updateGradInput(x, dy, slope):
    """``gradInput = -3 < input < 3 ? slope * gradOutput : 0``"""
    return simd.select(x > -3, simd.select(x < 3, dy * slope, 0), 0)


@elementwise(0.2)
def HardSwish_updateOutput(x):
    """``output = input * min(max(input + 3, 0), 6) / 6``"""
    v = x + 3
    return x * simd.select(v < 0, 0, simd.select(v > 6, 6, v)) / 6


@elementwise(0.2, inputs=2)
def HardSwish_updateGradInput(x, dy):
    """``gradInput = gradOutput * (input / 3 + 1 / 2)`` between the bounds -3 and 3; 0 below, gradOutput above."""
    return simd.select(x <= -3, 0, simd.select(x < 3, dy * (x / 3 + 0.5), dy))
