"""Losses of every element: PyTorch's, where they are not those of Torch's criterions.

Each has the loss of every element (``_updateOutput``), their sum (``_total``), and the gradient by the input, times one
factor (``_updateGradInput``) or times one for each element (``_chain``). Arguments are input, target, an array of
factors, what is written, and numbers, the one factor first.
"""

from __future__ import annotations

from types import FunctionType

import numpy as np

from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import Elementwise, elementwise, reduction

#: PyTorch's constant, a float32 number for both types.
FLOOR = float(np.float32(1e-12))


def _chain(nanoseconds: float, kernel: Elementwise) -> Elementwise:
    """The kernel of a gradient whose factor is the element of a third array."""
    slope = kernel.__wrapped__
    of_each = FunctionType(slope.__code__, slope.__globals__, f"{slope.__name__}_of_each")  # a name of its own on disk
    return elementwise(nanoseconds, 3)(of_each)


def _absolute(x, t):
    """``|x - t|``"""
    return simd.absolute(x - t)


@elementwise(0.15, inputs=2)
def AbsoluteError_updateGradInput(x, t, factor):
    """The sign of ``x - t``; 0 where they are equal, or not numbers."""
    d, zero, one = x - t, simd.splat(x, 0), simd.splat(x, 1)
    return simd.select(d > 0, one, simd.select(d < 0, -one, zero)) * factor


def _squared(x, t):
    """``(x - t)^2``"""
    return (x - t) * (x - t)


@elementwise(0.15, inputs=2)
def SquaredError_updateGradInput(x, t, factor):
    """``2 (x - t)``"""
    return (x - t) * (2 * factor)


def _smooth(x, t, beta):
    """``d^2 / (2 beta)`` where ``|d| < beta``, else ``|d| - beta / 2``"""
    a = simd.absolute(x - t)
    return simd.select(a < beta, a * a * (0.5 / beta), a - 0.5 * beta)


@elementwise(0.2, inputs=2)
def SmoothError_updateGradInput(x, t, factor, beta):
    """``d / beta``, not beyond 1 and -1"""
    d, one = x - t, simd.splat(x, 1)
    return simd.select(d >= beta, one, simd.select(d <= -beta, -one, d / beta)) * factor


def _huber(x, t, delta):
    """``d^2 / 2`` where ``|d| <= delta``, else ``delta (|d| - delta / 2)``"""
    a = simd.absolute(x - t)
    return simd.select(a <= delta, a * a * 0.5, (a - 0.5 * delta) * delta)


@elementwise(0.2, inputs=2)
def HuberError_updateGradInput(x, t, factor, delta):
    """``d``, not beyond ``delta`` and ``-delta``"""
    d, most = x - t, simd.splat(x, delta)
    return simd.select(d > most, most, simd.select(d < -most, -most, d)) * factor


def _logits(x, t):
    """``(1 - t) x + log(1 + exp(-x))``: binary cross-entropy of ``sigmoid(x)``; this form is infinite at infinity"""
    return (1 - t) * x + vecmath.softplus(-x)


@elementwise(0.5, inputs=2)
def LogitEntropy_updateGradInput(x, t, factor):
    """``sigmoid(x) - t``"""
    return (vecmath.sigmoid(x) - t) * factor


def _divergence(x, t):
    """``t (log t - x)``, which is 0 for t = 0"""
    return simd.select(t > 0, t * vecmath.log(t), simd.select(t < 0, t * np.nan, t)) - t * x


@elementwise(0.15, inputs=2)
def Divergence_updateGradInput(x, t, factor):
    """``-t``"""
    return t * -factor


def _log_divergence(x, t):
    """``exp(t) (t - x)``"""
    return vecmath.exp(t) * (t - x)


@elementwise(0.4, inputs=2)
def LogDivergence_updateGradInput(x, t, factor):
    """``-exp(t)``"""
    return vecmath.exp(t) * -factor


def _poisson(x, t):
    """``exp(x) - t x``"""
    return vecmath.exp(x) - t * x


@elementwise(0.4, inputs=2)
def PoissonLoss_updateGradInput(x, t, factor):
    """``exp(x) - t``"""
    return (vecmath.exp(x) - t) * factor


def _binary(x, t):
    """``-t log x - (1 - t) log(1 - x)``, logarithms not below -100"""
    low = simd.splat(x, -100)
    return -(t * simd.maximum(vecmath.log(x), low)) - (1 - t) * simd.maximum(vecmath.log1p(-x), low)


@elementwise(0.3, inputs=2)
def BinaryEntropy_updateGradInput(x, t, factor):
    """``(x - t) / (x (1 - x))``, the divisor not below 1e-12"""
    return (x - t) * factor / simd.maximum(x * (1 - x), simd.splat(x, FLOOR))


@reduction(0.15)
def BinaryEntropy_outside(x):
    """How many numbers are not between 0 and 1."""
    zero, one = simd.splat(x, 0), simd.splat(x, 1)
    return simd.select(x >= 0, simd.select(x <= 1, zero, one), one)


def _logistic(x, t):
    """``log(1 + exp(-t x))``, not stabilised"""
    return vecmath.log(vecmath.exp(-t * x) + 1)


@elementwise(0.5, inputs=2)
def LogisticLoss_updateGradInput(x, t, factor):
    """``-t e / (1 + e)``, ``e = exp(-t x)``"""
    e = vecmath.exp(-t * x)
    return t * e / (e + 1) * -factor


def _hinge(x, t, margin):
    """``x`` unless t = -1, and ``max(0, margin - x)`` unless t = 1"""
    zero, rest = simd.splat(x, 0), margin - x
    other = simd.select(simd.absolute(t - 1) <= 0, zero, simd.select(rest < 0, zero, rest))
    return other + simd.select(simd.absolute(t + 1) <= 0, zero, x)


@elementwise(0.2, inputs=2)
def HingeError_updateGradInput(x, t, factor, margin):
    """1 unless t = -1, and -1 unless t = 1 or x is beyond the margin"""
    zero = simd.splat(x, 0)
    own = zero + factor
    other = simd.select(simd.absolute(t - 1) <= 0, zero, simd.select(margin - x >= 0, -own, zero))
    return other + simd.select(simd.absolute(t + 1) <= 0, zero, own)


@elementwise(0.1, inputs=2)
def Product_updateOutput(a, b):
    """``a b``"""
    return a * b


AbsoluteError_updateOutput, AbsoluteError_total = elementwise(0.15, 2)(_absolute), reduction(0.15, 2)(_absolute)
SquaredError_updateOutput, SquaredError_total = elementwise(0.15, 2)(_squared), reduction(0.15, 2)(_squared)
SmoothError_updateOutput, SmoothError_total = elementwise(0.2, 2)(_smooth), reduction(0.2, 2)(_smooth)
HuberError_updateOutput, HuberError_total = elementwise(0.2, 2)(_huber), reduction(0.2, 2)(_huber)
LogitEntropy_updateOutput, LogitEntropy_total = elementwise(0.6, 2)(_logits), reduction(0.6, 2)(_logits)
Divergence_updateOutput, Divergence_total = elementwise(0.5, 2)(_divergence), reduction(0.5, 2)(_divergence)
LogDivergence_updateOutput = elementwise(0.4, 2)(_log_divergence)
LogDivergence_total = reduction(0.4, 2)(_log_divergence)
PoissonLoss_updateOutput, PoissonLoss_total = elementwise(0.4, 2)(_poisson), reduction(0.4, 2)(_poisson)
BinaryEntropy_updateOutput, BinaryEntropy_total = elementwise(0.8, 2)(_binary), reduction(0.8, 2)(_binary)
LogisticLoss_updateOutput, LogisticLoss_total = elementwise(0.6, 2)(_logistic), reduction(0.6, 2)(_logistic)
HingeError_updateOutput, HingeError_total = elementwise(0.2, 2)(_hinge), reduction(0.2, 2)(_hinge)
AbsoluteError_chain = _chain(0.15, AbsoluteError_updateGradInput)
SquaredError_chain = _chain(0.15, SquaredError_updateGradInput)
SmoothError_chain = _chain(0.2, SmoothError_updateGradInput)
HuberError_chain = _chain(0.2, HuberError_updateGradInput)
LogitEntropy_chain = _chain(0.5, LogitEntropy_updateGradInput)
Divergence_chain = _chain(0.15, Divergence_updateGradInput)
LogDivergence_chain = _chain(0.4, LogDivergence_updateGradInput)
PoissonLoss_chain = _chain(0.4, PoissonLoss_updateGradInput)
BinaryEntropy_chain = _chain(0.3, BinaryEntropy_updateGradInput)
LogisticLoss_chain = _chain(0.5, LogisticLoss_updateGradInput)
HingeError_chain = _chain(0.2, HingeError_updateGradInput)
