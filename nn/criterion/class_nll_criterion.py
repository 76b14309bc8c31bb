from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays, registry

from .. import thnn
from ..criterion_base import Criterion
from ..extension import register
from .labels import check_weights, class_labels, class_weights, refuse_label, upgrade_target


@register
class ClassNLLCriterion(Criterion):
    """The negative log-likelihood of classes: ``loss = -sum_i w[t_i] x[i, t_i] / sum_i w[t_i]``.

    Input: C log-probabilities, as LogSoftMax gives, or ``N x C`` of them. Target: a label 1..C for each sample, as a
    number or a tensor of any type. ``weights``: a factor for each class, 1 by default. ``sizeAverage=False`` leaves the
    division out. Samples labelled ``ignoreIndex`` (-100) are left out. Other labels raise ``IndexError``.

    ``total_weight`` is the sum of the weights of the last forward; the gradient is divided by it, and zero where it is
    not positive. Source: manual chapter "criterion".
    """

    ignoreIndex = -100

    def __init__(self, weights: Any = None, sizeAverage: bool | None = None, ignoreIndex: int | None = None) -> None:
        super().__init__()
        self.sizeAverage = True if sizeAverage is None else sizeAverage
        self.ignoreIndex = -100 if ignoreIndex is None else ignoreIndex
        self.weights = class_weights(self, weights)
        xp = arrays.module_of(arrays.getdefaulttensortype())
        self.output_tensor = xp.zeros(1, self._dtype)
        self.total_weight_tensor = xp.ones(1, self._dtype)
        self.target = xp.zeros(1, np.int64)

    @property
    def total_weight(self) -> float:
        """The sum of the weights of the last forward."""
        return float(self.total_weight_tensor[0])

    def updateOutput(self, input: Any, target: Any) -> float:
        x, labels = self.samples(input, target)
        if type(x) is not np.ndarray:
            return self._onGPU(x, labels)
        loss, total, bad = thnn.ClassNLLCriterion_updateOutput(x, labels, self.weights, self.ignoreIndex)
        if bad >= 0:
            refuse_label(self, labels[bad], x.shape[1])
        if self.sizeAverage and total != 0:
            loss /= total
        self.output_tensor[0] = self.output = loss
        self.total_weight_tensor[0] = total
        return loss

    def _onGPU(self, x: Any, labels: Any) -> Any:
        """The loss as a number that stays on the GPU; a bad label is refused when it is asked for."""
        sums = self.output_tensor, self.total_weight_tensor
        average, classes = bool(self.sizeAverage), x.shape[1]
        self.output = thnn.ClassNLLCriterion_updateOutput(
            x, labels, self.weights, self.ignoreIndex, average, sums,
            lambda place: refuse_label(self, int(labels.reshape(-1)[place]), classes),
        )  # fmt: skip
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        x, labels = self.samples(input, target)
        gradInput = self.resizeGradInput(input, target)
        bad = thnn.ClassNLLCriterion_updateGradInput(
            gradInput.reshape(x.shape), labels, self.weights, self.ignoreIndex, self.factor()
        )
        if bad >= 0:
            refuse_label(self, labels[bad], x.shape[1])
        return gradInput

    def factor(self) -> Any:
        """What a class weight is multiplied by in the gradient; on a GPU what it is made of there."""
        if type(self.total_weight_tensor) is not np.ndarray:
            return self.total_weight_tensor, bool(self.sizeAverage)
        total = self.total_weight
        return 0.0 if not total > 0 else -1 / total if self.sizeAverage else -1.0

    def samples(self, input: Any, target: Any) -> tuple[Any, Any]:
        """Input as samples x classes x 1 and the labels, after all checks but that of the labels' range."""
        if type(input) is not np.ndarray or input.dtype is not self._dtype:
            self.checkType(input)
        shape = input.shape
        if len(shape) == 2:
            n, classes = shape
        elif len(shape) == 1:
            n, classes = 1, shape[0]
            target = target.reshape(-1)[:1] if arrays.is_array(target) else target
        else:
            raise ValueError(f"{self}: input must be vector or matrix, got {arrays.describe(input)}")
        if getattr(target, "ndim", 0) > 1:
            raise ValueError(f"{self}: multi-target not supported, target is {arrays.describe(target)}")
        if self.weights is not None:
            check_weights(self, classes)
        return thnn.contiguous(input).reshape(n, classes, 1), class_labels(self, target, n)


@registry.upgrade(ClassNLLCriterion)
def _upgrade(criterion: ClassNLLCriterion, fields: dict) -> None:
    """Before the loss was computed in C there were no tensors for it."""
    like = fields.get("gradInput")
    dtype = like.dtype if arrays.is_array(like) else arrays.default_dtype()
    for name in ("output_tensor", "total_weight_tensor"):
        if not arrays.is_array(fields.get(name)):
            fields[name] = np.ones(1, dtype)


registry.upgrade(ClassNLLCriterion)(upgrade_target)
