"""Losses of one number against another. ``N`` below is any shape, the same for input and target."""

from __future__ import annotations

import math
from typing import Any, NoReturn

import numpy as np

from ... import thnn
from .distance import sign
from .loss_function import REDUCTIONS, Elements, loss_function, quiet, same_shape


def _absolute(input: Any, t: Any) -> Elements:
    sums = thnn.AbsoluteError_updateOutput, thnn.AbsoluteError_total
    slopes = thnn.AbsoluteError_updateGradInput, thnn.AbsoluteError_chain
    return Elements((sums, slopes), input, t, by_target=lambda g: -g * sign(input - t))


@loss_function("input", "target")
def _l1_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Any:
    """``|x - t|``; its gradient at 0 is 0."""
    t = same_shape(input, target)
    return _absolute(input, t)


@loss_function("input", "target")
def _mse_loss(input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> Any:
    """``(x - t)^2``."""
    t = same_shape(input, target)
    sums = thnn.SquaredError_updateOutput, thnn.SquaredError_total
    slopes = thnn.SquaredError_updateGradInput, thnn.SquaredError_chain
    return Elements((sums, slopes), input, t, by_target=lambda g: 2 * g * (t - input))


@loss_function("input", "target")
def _smooth_l1_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean", beta: float = 1.0
) -> Any:
    """``d^2 / (2 beta)`` for ``|d| < beta``, else ``|d| - beta / 2``."""
    if beta < 0:
        raise ValueError(f"smooth_l1_loss does not support negative values for beta, got {beta}")
    t = same_shape(input, target)
    if beta == 0:
        return _absolute(input, t)
    by_target = lambda g: -g * np.clip((input - t) / input.dtype.type(beta), -1, 1)  # noqa: E731
    sums = thnn.SmoothError_updateOutput, thnn.SmoothError_total
    slopes = thnn.SmoothError_updateGradInput, thnn.SmoothError_chain
    return Elements((sums, slopes), input, t, float(beta), by_target=by_target)


@loss_function("input", "target")
def _huber_loss(input: Any, target: Any, reduction: str = "mean", delta: float = 1.0) -> Any:
    """``d^2 / 2`` for ``|d| <= delta``, else ``delta (|d| - delta / 2)``."""
    if delta <= 0:
        raise ValueError(f"huber_loss does not support non-positive values for delta, got {delta}")
    t, number = same_shape(input, target), input.dtype.type(delta)
    by_target = lambda g: -g * np.clip(input - t, -number, number)  # noqa: E731
    sums = thnn.HuberError_updateOutput, thnn.HuberError_total
    slopes = thnn.HuberError_updateGradInput, thnn.HuberError_chain
    return Elements((sums, slopes), input, t, float(delta), by_target=by_target)


@loss_function("input", "target", reductions=(*REDUCTIONS, "batchmean"))
def _kl_div(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean",
    log_target: bool = False,
) -> Any:  # fmt: skip
    """``t (log t - x)`` for log-probabilities x; ``exp(t) (t - x)`` with ``log_target``."""
    t = same_shape(input, target)
    if log_target:
        sums = thnn.LogDivergence_updateOutput, thnn.LogDivergence_total
        slopes = thnn.LogDivergence_updateGradInput, thnn.LogDivergence_chain
        return Elements((sums, slopes), input, t, by_target=lambda g: g * np.exp(t) * (t - input + 1))
    sums = thnn.Divergence_updateOutput, thnn.Divergence_total
    slopes = thnn.Divergence_updateGradInput, thnn.Divergence_chain
    return Elements((sums, slopes), input, t, by_target=lambda g: g * (np.log(t) + 1 - input))


def _logarithms(x: Any) -> tuple:
    """``log x`` and ``log(1 - x)``, not below -100."""
    low = x.dtype.type(-100)
    return np.maximum(np.log(x), low), np.maximum(np.log1p(-x), low)


def _refuse_probability(place: int) -> NoReturn:
    raise ValueError("all elements of input should be between 0 and 1")


@loss_function("input", "target")
def _binary_cross_entropy(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """``-w (t log x + (1 - t) log(1 - x))``, logarithms not below -100; x outside [0, 1] raises ``ValueError``."""
    t = same_shape(input, target)
    if isinstance(input, np.ndarray):
        if thnn.BinaryEntropy_outside(thnn.contiguous(input)):
            _refuse_probability(0)
    else:  # on a GPU it is told later
        thnn.suspect(~((input >= 0) & (input <= 1)), _refuse_probability)
    if weight is None:
        sums = thnn.BinaryEntropy_updateOutput, thnn.BinaryEntropy_total
        slopes = thnn.BinaryEntropy_updateGradInput, thnn.BinaryEntropy_chain
        return Elements((sums, slopes), input, t, by_target=lambda g: -g * np.subtract(*_logarithms(input)))
    return _weighted_entropy(input, t, np.broadcast_to(weight, input.shape))


@quiet
def _weighted_entropy(input: Any, t: Any, w: Any) -> tuple:
    """:func:`binary_cross_entropy` with weights."""
    number = input.dtype.type
    yes, no = _logarithms(input)
    floor = number(np.float32(1e-12))  # PyTorch's constant is a float32 number in either type
    slope = w * (input - t) / np.maximum(input * (1 - input), floor)
    return -w * (t * yes + (1 - t) * no), lambda g: (g * slope, g * w * (no - yes))


@loss_function("input", "target")
def _binary_cross_entropy_with_logits(
    input: Any, target: Any, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean",
    pos_weight: Any = None,
) -> Any:  # fmt: skip
    """Binary cross-entropy of sigmoid(x), with the positive part times ``pos_weight``, without overflow."""
    t = same_shape(input, target)
    if weight is None and pos_weight is None:
        sums = thnn.LogitEntropy_updateOutput, thnn.LogitEntropy_total
        slopes = thnn.LogitEntropy_updateGradInput, thnn.LogitEntropy_chain
        return Elements((sums, slopes), input, t, by_target=lambda g: -g * input)
    return _weighted_logits(input, t, weight, pos_weight)


@quiet
def _weighted_logits(input: Any, t: Any, weight: Any, pos_weight: Any) -> tuple:
    """:func:`binary_cross_entropy_with_logits` with weights."""
    number = input.dtype.type
    w = number(1) if weight is None else np.broadcast_to(weight, input.shape)
    p = number(1) if pos_weight is None else np.broadcast_to(pos_weight, input.shape)
    share = 1 + (p - 1) * t
    minus_log = np.log1p(np.exp(-np.abs(input))) + np.maximum(-input, number(0))  # -log sigmoid(x)
    small = np.exp(-np.abs(input))
    rest = np.where(input > 0, small, number(1)) / (1 + small)  # 1 - sigmoid(x)
    slope = w * ((1 - t) - share * rest)
    return w * ((1 - t) * input + share * minus_log), lambda g: (g * slope, g * w * ((p - 1) * minus_log - input))


@loss_function("input", "target")
def _poisson_nll_loss(
    input: Any, target: Any, log_input: bool = True, full: bool = False, size_average: Any = None, eps: float = 1e-8,
    reduce: Any = None, reduction: str = "mean",
) -> Any:  # fmt: skip
    """``exp(x) - t x``, or ``x - t log(x + eps)`` if not ``log_input``; ``full`` adds Stirling's term where t > 1."""
    t = same_shape(input, target)
    if log_input and not full:
        sums = thnn.PoissonLoss_updateOutput, thnn.PoissonLoss_total
        slopes = thnn.PoissonLoss_updateGradInput, thnn.PoissonLoss_chain
        return Elements((sums, slopes), input, t, by_target=lambda g: -g * input)
    return _full_poisson(input, t, log_input, full, eps)


@quiet
def _full_poisson(input: Any, t: Any, log_input: bool, full: bool, eps: float) -> tuple:
    """:func:`poisson_nll_loss` of other settings than its own."""
    number = input.dtype.type
    shifted = input + number(eps)
    losses = np.exp(input) - t * input if log_input else input - t * np.log(shifted)
    slope = np.exp(input) - t if log_input else 1 - t / shifted
    by_target = -input if log_input else -np.log(shifted)
    if full:
        losses = losses + np.where(t > 1, t * np.log(t) - t + number(0.5) * np.log(number(2 * math.pi) * t), number(0))
        by_target = by_target + np.where(t > 1, np.log(t) + number(0.5) / t, number(0))
    return losses, lambda g: (g * slope, g * by_target)


def _refuse_variance(place: int) -> NoReturn:
    raise ValueError("var has negative entry/entries")


@loss_function("input", "target", "var")
@quiet
def _gaussian_nll_loss(
    input: Any, target: Any, var: Any, full: bool = False, eps: float = 1e-6, reduction: str = "mean"
) -> Any:
    """``(log v + (x - t)^2 / v) / 2``, v not below ``eps``; the last size of ``var`` may be 1 or missing."""
    t, number = same_shape(input, target), input.dtype.type
    v = np.asarray(var, input.dtype, like=input)
    thnn.suspect(v < 0, _refuse_variance)
    wide = v[..., None] if v.shape == input.shape[:-1] else v
    if wide.shape != input.shape and wide.shape != (*input.shape[:-1], 1):
        raise ValueError(f"var is of incorrect size: {v.shape} for an input of {input.shape}")
    wide, d = np.maximum(wide, number(eps)), input - t
    losses = (np.log(wide) + d * d / wide) / 2 + (number(0.5 * math.log(2 * math.pi)) if full else number(0))

    def slopes(g: Any) -> tuple:
        by_var = g * (1 - d * d / wide) / (2 * wide)
        if wide.shape != input.shape:
            by_var = by_var.sum(-1, keepdims=True)
        return g * d / wide, -g * d / wide, by_var.reshape(v.shape)

    return losses, slopes


@loss_function("input1", "input2")
@quiet
def _margin_ranking_loss(
    input1: Any, input2: Any, target: Any, margin: float = 0, size_average: Any = None, reduce: Any = None,
    reduction: str = "mean",
) -> Any:  # fmt: skip
    """``max(0, -t (x1 - x2) + margin)``; at the kink the gradient passes."""
    x2, t = same_shape(input1, input2, "second input"), same_shape(input1, target)
    z = -t * (input1 - x2) + input1.dtype.type(margin)
    slope = np.where(z >= 0, -t, t.dtype.type(0))
    return np.maximum(z, 0), lambda g: (g * slope, -g * slope)


@loss_function("input")
def _hinge_embedding_loss(
    input: Any, target: Any, margin: float = 1.0, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """``x`` for t = 1, ``max(0, margin - x)`` for t = -1, both for any other t; at the kink the gradient is -1."""
    sums = thnn.HingeError_updateOutput, thnn.HingeError_total
    slopes = thnn.HingeError_updateGradInput, thnn.HingeError_chain
    return Elements((sums, slopes), input, same_shape(input, target), float(margin), by_target=lambda g: None)


@loss_function("input", "target")
def _soft_margin_loss(
    input: Any, target: Any, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
) -> Any:
    """``log(1 + exp(-t x))``, not stabilised: far on the wrong side it is infinite, as PyTorch's."""
    t = same_shape(input, target)

    def by_target(g: Any) -> Any:
        e = np.exp(-t * input)
        return -g * input * e / (1 + e)

    sums = thnn.LogisticLoss_updateOutput, thnn.LogisticLoss_total
    slopes = thnn.LogisticLoss_updateGradInput, thnn.LogisticLoss_chain
    return Elements((sums, slopes), input, t, by_target=by_target)


l1_loss, l1_loss_backward = _l1_loss
mse_loss, mse_loss_backward = _mse_loss
smooth_l1_loss, smooth_l1_loss_backward = _smooth_l1_loss
huber_loss, huber_loss_backward = _huber_loss
kl_div, kl_div_backward = _kl_div
binary_cross_entropy, binary_cross_entropy_backward = _binary_cross_entropy
binary_cross_entropy_with_logits, binary_cross_entropy_with_logits_backward = _binary_cross_entropy_with_logits
poisson_nll_loss, poisson_nll_loss_backward = _poisson_nll_loss
gaussian_nll_loss, gaussian_nll_loss_backward = _gaussian_nll_loss
margin_ranking_loss, margin_ranking_loss_backward = _margin_ranking_loss
hinge_embedding_loss, hinge_embedding_loss_backward = _hinge_embedding_loss
soft_margin_loss, soft_margin_loss_backward = _soft_margin_loss
