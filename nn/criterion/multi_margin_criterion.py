from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays, registry

from .. import thnn
from ..criterion_base import Criterion
from ..extension import register
from .labels import check_range, check_weights, class_labels, class_weights, refuse_label, samples_of, upgrade_target


@register
class MultiMarginCriterion(Criterion):
    """The hinge loss of classes: ``loss = sum_{i != t} w_t max(0, margin - x_t + x_i)^p / C``, averaged over samples.

    Input: C scores, or ``N x C``. Target: a label 1..C for each sample, as a number or a tensor of any type; other
    labels raise ``IndexError``. ``p`` is 1 (default) or 2, ``weights`` a factor for each class, ``margin`` 1 by
    default. ``sizeAverage``, True at first, may be set to False to sum over samples. Source: manual chapter
    "criterion".
    """

    def __init__(self, p: int | None = None, weights: Any = None, margin: float | None = None) -> None:
        super().__init__()
        self.p = 1 if p is None else p
        if self.p not in (1, 2):
            raise ValueError(f"nn.MultiMarginCriterion: only p == 1 and p == 2 supported, got {p}")
        self.margin = 1 if margin is None else margin
        self.sizeAverage: bool | None = True
        self.weights = class_weights(self, weights)
        self.target = arrays.module_of(arrays.getdefaulttensortype()).zeros(1, np.int64)

    def updateOutput(self, input: Any, target: Any) -> float:
        x, labels = self.samples(input, target)
        total, bad = thnn.MultiMarginCriterion_updateOutput(x, labels, int(self.p), self.weights, float(self.margin))
        if bad != -1:
            thnn.refused(bad, lambda place: refuse_label(self, int(labels[place]), x.shape[1]))
        self.output = loss = total * self.norm(x)
        return loss

    def updateGradInput(self, input: Any, target: Any) -> Any:
        x, labels = self.samples(input, target)
        check_range(self, labels, x.shape[1])
        gradInput = self.resizeGradInput(input, target)
        thnn.MultiMarginCriterion_updateGradInput(
            x, labels, gradInput.reshape(x.shape), int(self.p), self.weights, float(self.margin), self.norm(x)
        )
        return gradInput

    def samples(self, input: Any, target: Any) -> tuple[Any, Any]:
        """Input as ``N x C`` and the N labels, after all checks but that of the labels' range."""
        x = samples_of(self, input)
        if self.weights is not None:
            check_weights(self, x.shape[1])
        return x, class_labels(self, target, len(x))

    def norm(self, x: Any) -> float:
        """What the sum is multiplied by."""
        return 1 / x.size if self.sizeAverage else 1 / x.shape[1]


registry.upgrade(MultiMarginCriterion)(upgrade_target)
