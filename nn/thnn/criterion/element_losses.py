"""Losses of every element: PyTorch's, where they are not those of Torch's criterions.

Each has the loss of every element (``_updateOutput``), their sum (``_total``), and the gradient by the input, times a
factor (``_updateGradInput``). Arguments are input, target, what is written, and numbers.
"""

from __future__ import annotations

import numpy as np

from ..cpu.simd import math as vecmath
from ..cpu.simd import registers as simd
from ..cpu.simd.elementwise import elementwise, reduction


def _absolute(x, t):
    """``|x - t|``"""
    return simd.absolute(x - t)


@elementwise(0.15, inputs=2)
def AbsoluteError_updateGradInput(x, t, factor):
    """The sign of ``x - t``; 0 where they are equal, or not numbers."""
    d, zero = x - t, simd.splat(x, 0)
    return simd.select(d > 0, zero + factor, simd.select(d < 0, zero - factor, zero))


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
def SmoothError_updateGradInput(x, t, beta, factor):
    """``d / beta``, not beyond 1 and -1"""
    d, one = x - t, simd.splat(x, 1)
    return simd.select(d >= beta, one, simd.select(d <= -beta, -one, d / beta)) * factor


def _huber(x, t, delta):
    """``d^2 / 2`` where ``|d| <= delta``, else ``delta (|d| - delta / 2)``"""
    a = simd.absolute(x - t)
    return simd.select(a <= delta, a * a * 0.5, (a - 0.5 * delta) * delta)


@elementwise(0.2, inputs=2)
def HuberError_updateGradInput(x, t, delta, factor):
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


AbsoluteError_updateOutput, AbsoluteError_total = elementwise(0.15, 2)(_absolute), reduction(0.15, 2)(_absolute)
SquaredError_updateOutput, SquaredError_total = elementwise(0.15, 2)(_squared), reduction(0.15, 2)(_squared)
SmoothError_updateOutput, SmoothError_total = elementwise(0.2, 2)(_smooth), reduction(0.2, 2)(_smooth)
HuberError_updateOutput, HuberError_total = elementwise(0.2, 2)(_huber), reduction(0.2, 2)(_huber)
LogitEntropy_updateOutput, LogitEntropy_total = elementwise(0.6, 2)(_logits), reduction(0.6, 2)(_logits)
Divergence_updateOutput, Divergence_total = elementwise(0.5, 2)(_divergence), reduction(0.5, 2)(_divergence)
LogDivergence_updateOutput = elementwise(0.4, 2)(_log_divergence)
LogDivergence_total = reduction(0.4, 2)(_log_divergence)
PoissonLoss_updateOutput, PoissonLoss_total = elementwise(0.4, 2)(_poisson), reduction(0.4, 2)(_poisson)
