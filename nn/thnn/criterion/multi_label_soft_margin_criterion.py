"""The logistic loss of several labels 0 and 1, the elements weighted by column if there are weights."""

from __future__ import annotations

from typing import Any

from ..cpu.simd import math as vecmath
from ..cpu.simd.elementwise import elementwise, reduction, tiled


@reduction(0.8, inputs=2)
def _loss(x, t):
    return vecmath.softplus(x) - x * t


@reduction(0.8, inputs=3)
def _weighted_loss(x, t, weight):
    return weight * (vecmath.softplus(x) - x * t)


def MultiLabelSoftMarginCriterion_updateOutput(input: Any, target: Any, weights: Any) -> float:
    """``sum(weights * (log(1 + exp(input)) - target * input))``"""
    if weights is None:
        return _loss(input, target)
    return _weighted_loss(input, target, tiled(weights, input))


@elementwise(0.4, inputs=2)
def _gradient(x, t, norm):
    return norm * (vecmath.sigmoid(x) - t)


@elementwise(0.4, inputs=3)
def _weighted_gradient(x, t, weight, norm):
    return weight * (norm * (vecmath.sigmoid(x) - t))


def MultiLabelSoftMarginCriterion_updateGradInput(
    input: Any, target: Any, gradInput: Any, weights: Any, norm: float
) -> None:
    """``gradInput = norm * weights * (sigmoid(input) - target)``"""
    if weights is None:
        _gradient(input, target, gradInput, norm)
    else:
        _weighted_gradient(input, target, tiled(weights, input), gradInput, norm)
