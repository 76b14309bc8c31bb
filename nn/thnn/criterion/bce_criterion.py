"""Binary cross-entropy, the elements weighted by column if there are weights."""

from __future__ import annotations

from typing import Any

from ..cpu.runtime.jit import inner
from ..cpu.simd import math as vecmath
from ..cpu.simd.elementwise import elementwise, reduction, tiled

EPSILON = 1e-12


@inner
def _entropy(x, t):
    return -(t * vecmath.log(x + EPSILON) + (1 - t) * vecmath.log(1 - x + EPSILON))


@reduction(1.0, inputs=2)
def _loss(x, t):
    return _entropy(x, t)


@reduction(1.0, inputs=3)
def _weighted_loss(x, t, weight):
    return weight * _entropy(x, t)


def BCECriterion_updateOutput(input: Any, target: Any, weights: Any) -> float:
    """``-sum(weights * (target * log(input + e) + (1 - target) * log(1 - input + e)))``"""
    if weights is None:
        return _loss(input, target)
    return _weighted_loss(input, target, tiled(weights, input))


@inner
def _slope(x, t, norm):
    return norm * (x - t) / ((1 - x + EPSILON) * (x + EPSILON))


@elementwise(0.4, inputs=2)
def _gradient(x, t, norm):
    return _slope(x, t, norm)


@elementwise(0.4, inputs=3)
def _weighted_gradient(x, t, weight, norm):
    return weight * _slope(x, t, norm)


def BCECriterion_updateGradInput(input: Any, target: Any, gradInput: Any, weights: Any, norm: float) -> None:
    """``gradInput = norm * weights * (input - target) / ((1 - input + e) * (input + e))``"""
    if weights is None:
        _gradient(input, target, gradInput, norm)
    else:
        _weighted_gradient(input, target, tiled(weights, input), gradInput, norm)
