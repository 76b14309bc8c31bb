"""LinearCrossEntropyLoss (manual, "Loss functions")."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from . import functional as F
from .linear import Linear
from .loss import Loss, number


class LinearCrossEntropyLoss(Loss):
    """CrossEntropyLoss of a linear map's scores: input (N, in_features), target of classes (N, \\*out_features)."""

    def __init__(
        self, in_features: int, num_classes: int, *, out_features: tuple = (), bias: bool = False, device: Any = None,
        dtype: Any = None, reduction: str = "mean", weight: Any = None, ignore_index: int | None = None,
        label_smoothing: float = 0.0, options: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(reduction=reduction)
        self.in_features, self.num_classes, self.out_features = in_features, num_classes, tuple(out_features)
        self.ignore_index, self.label_smoothing, self.options = ignore_index, label_smoothing, options
        self.register_buffer("weight", None if weight is None else np.asarray(weight))
        self.linear = Linear(in_features, num_classes * prod(self.out_features), bias, device, dtype)

    def _settings(self) -> dict:
        bias, shape = self.linear.bias, (self.num_classes, *self.out_features)
        given = {"linear_bias": None if bias is None else bias.data.reshape(shape), "weight": self.weight}
        return given | {n: getattr(self, n) for n in ("reduction", "ignore_index", "label_smoothing")}

    def _matrix(self) -> Any:
        return self.linear.weight.data.reshape(self.num_classes, *self.out_features, self.in_features)

    def forward(self, input: Any, target: Any) -> Any:
        self.linear.check(input)
        loss, self.saved = F.linear_cross_entropy_forward(input, self._matrix(), target, **self._settings())
        return loss if self.reduction == "none" else number(loss)

    def _on_tape(self, input: Any, gradOutput: Any, scale: float = 1.0, needs: Any = None) -> list:
        x, target = input
        settings = self._settings() | self.saved
        gx, gw, _, gb = F.linear_cross_entropy_backward(gradOutput, x, self._matrix(), target, **settings)
        self.linear.accumulate("weight", gw.reshape(self.linear.weight.shape), scale)
        if gb is not None:
            self.linear.accumulate("bias", gb.reshape(-1), scale)
        return [gx, None]

    def extra_repr(self) -> str:
        bias = self.linear.bias is not None
        text = f"in_features={self.in_features}, num_classes={self.num_classes}, out_features={self.out_features}"
        text += f", bias={bias}, reduction={self.reduction}, ignore_index={self.ignore_index}"
        return f"{text}, label_smoothing={self.label_smoothing}, options={self.options}"
