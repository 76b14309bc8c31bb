from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays, registry

from .. import thnn
from ..criterion_base import Criterion
from ..extension import register
from ..whole import check_whole
from .labels import refuse_label, samples_of, upgrade_target


@register
class MultiLabelMarginCriterion(Criterion):
    """The hinge loss of several labels: ``loss = sum_{t in T, i not in T} max(0, 1 - (x_t - x_i)) / C``, averaged.

    Input: C scores, or ``N x C``. Target, of the same shape and any type: the labels T of each sample, 1..C, as a list
    that the first 0 ends. Other labels raise ``IndexError``, another shape ``ValueError``. ``sizeAverage``, True at
    first, may be set to False to sum over samples. ``isTarget`` is 1 at the labels. Source: manual chapter "criterion".
    """

    def __init__(self) -> None:
        super().__init__()
        self.sizeAverage: bool | None = True
        self.isTarget = arrays.empty()
        self.target = arrays.module_of(arrays.getdefaulttensortype()).zeros(1, np.int64)

    def updateOutput(self, input: Any, target: Any) -> float:
        x, labels, marks = self.samples(input, target)
        self.output = loss = thnn.MultiLabelMarginCriterion_updateOutput(x, labels, marks) * self.norm(x)
        return loss

    def updateGradInput(self, input: Any, target: Any) -> Any:
        x, labels, marks = self.samples(input, target)
        gradInput = self.resizeGradInput(input, target)
        thnn.MultiLabelMarginCriterion_updateGradInput(x, labels, marks, gradInput.reshape(x.shape), self.norm(x))
        return gradInput

    def samples(self, input: Any, target: Any) -> tuple[Any, Any, Any]:
        """Input as ``N x C``, the lists of labels, and the marks at the labels, after all checks."""
        x = samples_of(self, input)
        if not arrays.is_array(target) or target.shape != input.shape:
            raise ValueError(
                f"{self}: inconsistent target size: {arrays.describe(target)} for {arrays.describe(input)}"
            )
        if self.target.shape != x.shape or self.target.dtype != np.int64 or not arrays.plain(self.target):
            self.target = arrays.array_module(x).empty(x.shape, np.int64)
        check_whole(self, target)
        self.target[...] = target.reshape(x.shape)
        self.isTarget = arrays.resized(self.isTarget, input.shape, input)
        marks = self.isTarget.reshape(x.shape)
        bad = thnn.MultiLabelMarginCriterion_mark(self.target, marks)
        if bad != -1:
            labels = self.target.reshape(-1)
            thnn.refused(bad, lambda place: refuse_label(self, int(labels[place]), x.shape[1]))
        return x, self.target, marks

    def norm(self, x: Any) -> float:
        """What the sum is multiplied by."""
        return 1 / x.size if self.sizeAverage else 1 / x.shape[1]


registry.upgrade(MultiLabelMarginCriterion)(upgrade_target)
