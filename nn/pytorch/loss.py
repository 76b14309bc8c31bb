"""Losses (manual, "Loss functions"). Classes count from 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import functional as F
from .checks import checked_inputs
from .distance import PairwiseDistance
from .functional.loss_function import REDUCTIONS, legacy_reduction
from .module import Module


class Loss(Module):
    """Base of the losses: ``forward(input, target)`` and ``backward(input, target, gradOutput=None)``.

    ``forward`` gives a float for the reductions 'mean' and 'sum', an array for 'none'; then ``backward`` must get a
    gradient for each of its elements. Losses of two inputs take them one by one or in a list, and backward returns a
    list. ``size_average`` and ``reduce`` are older words for ``reduction``.
    """

    _function: Any
    _inputs = 1
    _reductions: tuple = REDUCTIONS

    def __init_subclass__(cls, **settings: Any) -> None:
        inherits = "backward" not in vars(cls) and cls.__module__.startswith(__package__)
        super().__init_subclass__(**settings)
        if inherits:  # the losses here differ in forward alone
            cls.backward = Loss.backward  # type: ignore[method-assign]

    def __init__(self, size_average: Any = None, reduce: Any = None, reduction: str = "mean") -> None:
        super().__init__()
        self.reduction = legacy_reduction(size_average, reduce, reduction, self._reductions)

    def _loss(self, *args: Any, **settings: Any) -> Any:
        reduction, function = self.reduction, type(self)._function
        if reduction not in self._reductions:
            reduction = legacy_reduction(None, None, reduction, self._reductions)
        settings["reduction"] = reduction
        output, self.__dict__["saved"] = function.run(args, settings, reduction, self.buffer)
        return output if reduction == "none" else number(output)

    def backward(self, input: Any, gradOutput: Any, scale: float = 1.0, needs: tuple = (True, True)) -> Any:
        """Gradients by all inputs of forward, None for targets without one."""
        backward = getattr(F, type(self)._function.__name__.lstrip("_") + "_backward")
        given = list(backward(gradOutput, *input, saved=self.saved["saved"], needs=needs, buffer=self.buffer))
        return given + [None] * (len(input) - len(given))

    _on_tape = backward


def number(loss: Any) -> Any:
    """A loss as a float, or as what becomes one when it is asked for, if it is on a GPU."""
    return float(loss) if isinstance(loss, np.floating) else loss


def _loss_backward(self: Loss, *args: Any, gradOutput: Any = None, scale: float = 1.0) -> Any:
    """``backward(input, target, gradOutput=None)``; two inputs one by one or in a list."""
    if args and isinstance(args[0], (list, tuple)):
        args = (*args[0], *args[1:])
    if self._call is None:
        raise ValueError(f"{type(self).__name__}: call forward first")
    count = len(self._call[0])
    if len(args) == count + 1:
        args, gradOutput = args[:count], args[count]
    if gradOutput is None:
        if self.reduction == "none":
            raise ValueError(f"{type(self).__name__}: reduction 'none' has no gradient of its own: pass gradOutput")
        gradOutput = 1.0
    inputs = list(checked_inputs(self, list(args)))
    given = self._on_tape(inputs, gradOutput, scale, (True, self._inputs > 1))
    return given[0] if self._inputs == 1 else given[: self._inputs]


Loss.backward = _loss_backward  # type: ignore[method-assign]
_loss_backward._plain = _loss_backward  # type: ignore[attr-defined]


class L1Loss(Loss):
    """``|x - t|``."""

    _function = F.l1_loss

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target)


class MSELoss(Loss):
    """``(x - t)^2``."""

    _function = F.mse_loss

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target)


class SoftMarginLoss(Loss):
    """``log(1 + exp(-t x))``, t 1 or -1."""

    _function = F.soft_margin_loss

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target)


class MultiLabelMarginLoss(Loss):
    """``sum over targets j, others i, of max(0, 1 - x_j + x_i) / C``; a row's targets end at its first -1."""

    _function = F.multilabel_margin_loss

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target)


class SmoothL1Loss(Loss):
    """``d^2 / (2 beta)`` for ``|d| < beta``, else ``|d| - beta / 2``."""

    _function = F.smooth_l1_loss

    def __init__(
        self, size_average: Any = None, reduce: Any = None, reduction: str = "mean", beta: float = 1.0
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.beta = beta

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target, beta=self.beta)


class HuberLoss(Loss):
    """``d^2 / 2`` for ``|d| <= delta``, else ``delta (|d| - delta / 2)``."""

    _function = F.huber_loss

    def __init__(self, reduction: str = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction=reduction)
        self.delta = delta

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target, delta=self.delta)


class KLDivLoss(Loss):
    """``t (log t - x)`` for log-probabilities x; 'mean' divides by all elements, 'batchmean' by the samples."""

    _function = F.kl_div
    _reductions = F.kl_div.reductions

    def __init__(
        self, size_average: Any = None, reduce: Any = None, reduction: str = "mean", log_target: bool = False
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.log_target = log_target

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target, log_target=self.log_target)


class PoissonNLLLoss(Loss):
    """``exp(x) - t x``, or ``x - t log(x + eps)`` if not ``log_input``."""

    _function = F.poisson_nll_loss

    def __init__(
        self, log_input: bool = True, full: bool = False, size_average: Any = None, eps: float = 1e-8,
        reduce: Any = None, reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.log_input, self.full, self.eps = log_input, full, eps

    def forward(self, log_input: Any, target: Any) -> Any:
        return self._loss(log_input, target, log_input=self.log_input, full=self.full, eps=self.eps)


class GaussianNLLLoss(Loss):
    """``(log v + (x - t)^2 / v) / 2`` for a variance v, not below ``eps``."""

    _function = F.gaussian_nll_loss

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: str = "mean") -> None:
        super().__init__(reduction=reduction)
        self.full, self.eps = full, eps

    def forward(self, input: Any, target: Any, var: Any) -> Any:
        return self._loss(input, target, var, full=self.full, eps=self.eps)


class HingeEmbeddingLoss(Loss):
    """``x`` for t = 1, ``max(0, margin - x)`` for t = -1."""

    _function = F.hinge_embedding_loss

    def __init__(
        self, margin: float = 1.0, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target, margin=self.margin)


class MarginRankingLoss(Loss):
    """``max(0, -t (x1 - x2) + margin)``."""

    _function = F.margin_ranking_loss
    _inputs = 2

    def __init__(
        self, margin: float = 0.0, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.margin = margin

    def forward(self, input1: Any, input2: Any, target: Any) -> Any:
        return self._loss(input1, input2, target, margin=self.margin)


class CosineEmbeddingLoss(MarginRankingLoss):
    """``1 - cos`` for t = 1, ``max(0, cos - margin)`` for t = -1."""

    _function = F.cosine_embedding_loss


class TripletMarginLoss(Loss):
    """``max(0, d(a, p) - d(a, n) + margin)``, d the p-norm of the difference plus ``eps``."""

    _function = F.triplet_margin_loss
    _inputs = 3

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, size_average: Any = None,
        reduce: Any = None, reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(size_average, reduce, reduction)
        self.margin, self.p, self.eps, self.swap = margin, p, eps, swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
        settings = {"margin": self.margin, "p": self.p, "eps": self.eps, "swap": self.swap}
        return self._loss(anchor, positive, negative, **settings)


class TripletMarginWithDistanceLoss(Loss):
    """``max(0, d(a, p) - d(a, n) + margin)`` for a distance of one's own; None is the Euclidean one.

    ``distance_function(x, y)`` is a module or a function of F functions and operations that a tape records.
    """

    _function = F.triplet_margin_with_distance_loss
    _inputs = 3

    def __init__(
        self, *, distance_function: Any = None, margin: float = 1.0, swap: bool = False, reduction: str = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        if margin < 0:
            raise ValueError(f"margin must not be negative, got {margin}")
        self.distance_function = distance_function or PairwiseDistance()
        self.margin, self.swap = margin, swap

    def forward(self, anchor: Any, positive: Any, negative: Any) -> Any:
        settings = {"distance_function": self.distance_function, "margin": self.margin, "swap": self.swap}
        return self._loss(anchor, positive, negative, **settings)


class CTCLoss(Loss):
    """Connectionist temporal classification of log-probabilities (T, N, C) against targets (N, S) or concatenated.

    Its gradient is that by the scores before log_softmax, as in PyTorch.
    """

    _function = F.ctc_loss

    def __init__(self, blank: int = 0, reduction: str = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction=reduction)
        self.blank, self.zero_infinity = blank, zero_infinity

    def forward(self, log_probs: Any, targets: Any, input_lengths: Any, target_lengths: Any) -> Any:
        settings = {"blank": self.blank, "zero_infinity": self.zero_infinity}
        return self._loss(log_probs, targets, input_lengths, target_lengths, **settings)
