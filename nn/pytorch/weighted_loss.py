"""Losses with weights for classes or elements (manual, "Loss functions")."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import functional as F
from .loss import Loss


class WeightedLoss(Loss):
    """Base of the losses with a ``weight``, a buffer."""

    def __init__(
        self, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean"
    ) -> None:
        super().__init__(size_average, reduce, reduction)
        self.register_buffer("weight", None if weight is None else np.asarray(weight))

    def _given(self, name: str) -> Any:
        """A buffer; a network asks for its losses' more often than the search of attributes is quick."""
        return self._buffers[name] if name in self._buffers else getattr(self, name)


class NLLLoss(WeightedLoss):
    """``-w_t x_t`` for log-probabilities (N, C, ...) and classes (N, ...); ``ignore_index`` marks those left out."""

    _function = F.nll_loss

    def __init__(
        self, weight: Any = None, size_average: Any = None, ignore_index: int = -100, reduce: Any = None,
        reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index = ignore_index

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target, weight=self._given("weight"), ignore_index=self.ignore_index)


class CrossEntropyLoss(WeightedLoss):
    """NLLLoss of log_softmax(x); targets are classes (N, ...) or probabilities (N, C, ...)."""

    _function = F.cross_entropy

    def __init__(
        self, weight: Any = None, size_average: Any = None, ignore_index: int = -100, reduce: Any = None,
        reduction: str = "mean", label_smoothing: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        self.ignore_index, self.label_smoothing = ignore_index, label_smoothing

    def forward(self, input: Any, target: Any) -> Any:
        settings = {"ignore_index": self.ignore_index, "label_smoothing": self.label_smoothing}
        return self._loss(input, target, weight=self._given("weight"), **settings)


class BCELoss(WeightedLoss):
    """``-w (t log x + (1 - t) log(1 - x))`` for x in [0, 1]."""

    _function = F.binary_cross_entropy

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target, weight=self._given("weight"))


class BCEWithLogitsLoss(WeightedLoss):
    """BCELoss of sigmoid(x), with the positive part times ``pos_weight``."""

    _function = F.binary_cross_entropy_with_logits

    def __init__(
        self, weight: Any = None, size_average: Any = None, reduce: Any = None, reduction: str = "mean",
        pos_weight: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        self.register_buffer("pos_weight", None if pos_weight is None else np.asarray(pos_weight))

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target, weight=self._given("weight"), pos_weight=self._given("pos_weight"))


class MultiLabelSoftMarginLoss(WeightedLoss):
    """The mean over classes of the binary cross-entropy of sigmoid(x)."""

    _function = F.multilabel_soft_margin_loss

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target, weight=self._given("weight"))


class MultiMarginLoss(WeightedLoss):
    """``sum over i != t of w_t max(0, margin - x_t + x_i)^p / C``."""

    _function = F.multi_margin_loss

    def __init__(
        self, p: int = 1, margin: float = 1.0, weight: Any = None, size_average: Any = None, reduce: Any = None,
        reduction: str = "mean",
    ) -> None:  # fmt: skip
        super().__init__(weight, size_average, reduce, reduction)
        if p not in (1, 2):
            raise ValueError("only p == 1 and p == 2 supported")
        self.p, self.margin = p, margin

    def forward(self, input: Any, target: Any) -> Any:
        return self._loss(input, target, p=self.p, margin=self.margin, weight=self._given("weight"))
