"""Exp, Log, Sqrt, Square, Cube, CubeRoot and Abs of every element, and gradients."""

from __future__ import annotations

from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.3)
def Exp_updateOutput(x):
    """``output = exp(input)``"""
    return vecmath.exp(x)


@elementwise(0.2, inputs=2)
def Exp_updateGradInput(dy, y):
    """``gradInput = gradOutput * output``"""
    return dy * y


@elementwise(0.6)
def Log_updateOutput(x):
    """``output = ln(input)``"""
    return vecmath.log(x)


@elementwise(0.3, inputs=2)
def Log_updateGradInput(dy, x):
    """``gradInput = gradOutput / input``"""
    return dy / x


@elementwise(0.3)
def Sqrt_updateOutput(x):
    """``output = sqrt(input)``"""
    return simd.sqrt(x)


@elementwise(0.3, inputs=2)
def Sqrt_updateGradInput(dy, y):
    """``gradInput = gradOutput / (2 output)``, and 0 where output is 0"""
    return simd.select(y <= 0, 0, 0.5 * dy / y)


@elementwise(0.15)
def Square_updateOutput(x):
    """``output = input^2``"""
    return x * x


@elementwise(0.2, inputs=2)
def Square_updateGradInput(dy, x):
    """``gradInput = 2 gradOutput * input``"""
    return 2 * dy * x


@elementwise(0.15)
def Cube_updateOutput(x):
    """``output = input^3``"""
    return x * x * x


@elementwise(0.8)
def CubeRoot_updateOutput(x):
    """``output = input^(1/3)``, NaN below 0 but for -inf: by logarithm, then a step of Newton's method."""
    y, a = vecmath.exp(vecmath.log(x) * (1 / 3)), simd.absolute(x)
    z = y - (y - x / (y * y)) * (1 / 3)
    return simd.select(a * 0.5 >= a, a, z)


@elementwise(0.3, inputs=3)
def RootOfSum_updateGradInput(dy, s, y, factor):
    """``gradInput = factor * gradOutput * s^(1/p - 1)`` for output s^(1/p); 0 where s is 0, and where it is infinite"""
    a = simd.absolute(s)
    return dy * simd.select(a * 0.5 >= a, 0, y / s) * factor


@elementwise(0.15)
def Abs_updateOutput(x):
    """``output = |input|``"""
    return simd.absolute(x)


@elementwise(0.2, inputs=2)
def Abs_updateGradInput(dy, x):
    """``gradInput = gradOutput`` where ``input >= 0``, else ``-gradOutput``"""
    return simd.select(x >= 0, dy, -dy)
