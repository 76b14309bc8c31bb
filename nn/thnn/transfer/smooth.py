"""Smooth functions of every element, from exponentials: PyTorch's ELU family, SiLU, Mish, GELU, Softplus and others."""

from __future__ import annotations

import math

from ..cpu.simd import math as vecmath
from ..cpu.simd import normal
from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise


@elementwise(0.5)
def ExponentialLinear_updateOutput(x, positive, negative, rate):
    """``output = input > 0 ? positive * input : negative * (exp(rate * input) - 1)``"""
    return simd.select(x > 0, x * positive, negative * vecmath.expm1(x * rate))


@elementwise(0.5, inputs=2)
def ExponentialLinear_updateGradInput(x, dy, positive, negative, rate):
    """``gradInput = gradOutput * (input > 0 ? positive : negative * rate * exp(rate * input))``"""
    return simd.select(x > 0, dy * positive, dy * (negative * rate) * vecmath.exp(x * rate))


@elementwise(0.8)
def SmoothRectifier_updateOutput(x, beta, threshold):
    """``output = beta * input > threshold ? input : log(1 + exp(beta * input)) / beta``"""
    return simd.select(x * beta > threshold, x, vecmath.softplus(x * beta) / beta)


@elementwise(0.5, inputs=2)
def SmoothRectifier_updateGradInput(x, dy, beta, threshold):
    """``gradInput = gradOutput``, below the threshold times ``1 / (1 + exp(-beta * input))``"""
    return simd.select(x * beta > threshold, dy, dy * vecmath.sigmoid(x * beta))


@elementwise(0.3)
def SoftRatio_updateOutput(x):
    """``output = input / (1 + |input|)``"""
    return x / (simd.select(x < 0, -x, x) + 1)


@elementwise(0.3, inputs=2)
def SoftRatio_updateGradInput(x, dy):
    """``gradInput = gradOutput / (1 + |input|)^2``"""
    v = simd.select(x < 0, -x, x) + 1
    return dy / (v * v)


@elementwise(0.5)
def TanhRest_updateOutput(x):
    """``output = input - tanh(input)``"""
    return x - vecmath.tanh(x)


@elementwise(0.5, inputs=2)
def TanhRest_updateGradInput(x, dy):
    """``gradInput = gradOutput * tanh(input)^2``"""
    t = vecmath.tanh(x)
    return dy * (t * t)


@elementwise(0.5)
def SiLU_updateOutput(x):
    """``output = input / (1 + exp(-input))``"""
    return x * vecmath.sigmoid(x)


@elementwise(0.5, inputs=2)
def SiLU_updateGradInput(x, dy):
    """``gradInput = gradOutput * s * (1 + input * (1 - s))`` with the sigmoid ``s``"""
    s = vecmath.sigmoid(x)
    return dy * s * (x * (1 - s) + 1)


@elementwise(1.2)
def Mish_updateOutput(x):
    """``output = input * tanh(log(1 + exp(input)))``"""
    return x * vecmath.tanh(vecmath.softplus(x))


@elementwise(1.5, inputs=2)
def Mish_updateGradInput(x, dy):
    """``gradInput = gradOutput * (t + input * s * (1 - t^2))``, ``t = tanh(softplus)``, ``s`` the sigmoid"""
    t = vecmath.tanh(vecmath.softplus(x))
    return dy * (t + x * vecmath.sigmoid(x) * (1 - t * t))


@elementwise(0.8)
def TanhGELU_updateOutput(x, factor, cubic):
    """``output = input / 2 * (1 + tanh(factor * (input + cubic * input^3)))``"""
    return x * 0.5 * (vecmath.tanh((x + x * x * x * cubic) * factor) + 1)


@elementwise(1.0, inputs=2)
def TanhGELU_updateGradInput(x, dy, factor, cubic):
    """``gradInput = gradOutput * ((1 + t) / 2 + input / 2 * (1 - t^2) * factor * (1 + 3 cubic input^2))``"""
    t = vecmath.tanh((x + x * x * x * cubic) * factor)
    return dy * ((t + 1) * 0.5 + x * 0.5 * (1 - t * t) * factor * (x * x * (3 * cubic) + 1))


@elementwise(0.7)
def GELU_updateOutput(x):
    """``output = input * P(input)`` with the normal distribution's ``P``"""
    return x * normal.cumulative(x)


@elementwise(0.8, inputs=2)
def GELU_updateGradInput(x, dy):
    """``gradInput = gradOutput * (P(input) + input * p(input))``"""
    return dy * (normal.cumulative(x) + x * normal.bell(x) * math.sqrt(0.5 / math.pi))
