"""The losses of a detector."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.whole import whole
from torch7 import arrays

from .transforms import InvertBoxTransform

#: Transforms of which one number is larger count as zeros on both sides.
LIMIT = 10


@nn.register
class LogisticCriterion(nn.Criterion):
    """A logistic loss for every class: the mean over all scores x of ``log(1 + e^-x)``, ``+ x`` where it is not x's
    class.

    Input: scores ``N x C``; target: N labels 0..C of any type, 0 for none of the classes. ``ValueError`` for other
    shapes, ``IndexError`` for other labels. Source: densecap.
    """

    def updateOutput(self, input: Any, target: Any) -> float:
        positive = self._positive(input, target)
        x = input.astype(np.float64)
        losses = np.log1p(np.exp(-abs(x))) + np.where(positive, np.maximum(-x, 0), np.maximum(x, 0))
        self.output = float(losses.sum() / x.size)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> Any:
        positive = self._positive(input, target)
        gradInput = self.resizeGradInput(input, None)
        with np.errstate(over="ignore"):
            np.divide(1, 1 + np.exp(-input), out=gradInput)
        gradInput -= positive
        gradInput /= input.size
        return gradInput

    def _positive(self, input: Any, target: Any) -> Any:
        """Which scores are of the class of their row."""
        self.checkType(input)
        if input.ndim != 2 or not input.size or getattr(target, "size", None) != len(input):
            raise ValueError(f"{self}: scores must be N x C, labels N, got {arrays.describe([input, target])}")
        labels, classes = whole(self, target).reshape(-1, 1), input.shape[1]
        if labels.min() < 0 or labels.max() > classes:
            raise IndexError(f"{self}: labels are 0..{classes}, got {labels.min()}..{labels.max()}")
        return labels == np.arange(1, classes + 1, like=labels)


@nn.register
class BoxRegressionCriterion(nn.Criterion):
    """The smooth L1 loss of transforms beside those from anchors to targets, times ``w`` (1).

    Input ``{anchors, transforms}``, both ``B x 4``; target: boxes, ``B x 4``, rows (xc, yc, w, h). Gradients for
    both, those of the anchors through the wanted transform. Where that has a number beyond 10, the box does not count.
    Source: densecap.
    """

    def __init__(self, w: float | None = None) -> None:
        super().__init__()
        self.w = 1.0 if w is None else w
        self.invert_transform, self.smooth_l1 = InvertBoxTransform(), nn.SmoothL1Criterion()
        self.gradInput: Any = [arrays.empty(), arrays.empty()]

    def updateOutput(self, input: Any, target: Any) -> float:
        transforms, wanted, _ = self._both(input, target)
        self.output = self.w * self.smooth_l1.updateOutput(transforms, wanted)
        return self.output

    def updateGradInput(self, input: Any, target: Any) -> list:
        transforms, wanted, far = self._both(input, target)
        gradient = self.smooth_l1.updateGradInput(transforms, wanted)
        gradient *= self.w
        by_anchor = self.invert_transform.updateGradInput([input[0], target], gradient)[0]
        held = self.gradInput if isinstance(self.gradInput, list) and len(self.gradInput) == 2 else [None, None]
        self.gradInput = [arrays.resized(buffer, x.shape, x) for buffer, x in zip(held, input)]
        arrays.array_module(gradient).negative(by_anchor, out=self.gradInput[0])
        self.gradInput[1][...] = gradient
        for g in self.gradInput:
            g[far] = 0
        return self.gradInput

    def _both(self, input: Any, target: Any) -> tuple[Any, Any, Any]:
        """Transforms, the wanted ones, and which boxes do not count."""
        if not nn.utils.is_table(input) or len(input) != 2:
            raise TypeError(f"{self}: input must be a table of anchors and transforms, got {arrays.describe(input)}")
        anchors, transforms = input
        wanted = self.invert_transform.updateOutput([anchors, target])
        far = ~(abs(wanted).max(-1) <= LIMIT)
        if far.any():
            transforms = transforms.copy()
            transforms[far], wanted[far] = 0, 0
        return transforms, wanted, far


@nn.register
class OurCrossEntropyCriterion(nn.CrossEntropyCriterion):
    """:class:`nn.CrossEntropyCriterion` that leaves no dimension out: ``1 x C`` is a batch of one. Source: densecap."""

    def squeezed(self, input: Any, target: Any) -> tuple[Any, Any]:
        self.checkType(input)
        return input, target.reshape(-1) if arrays.is_array(target) else target
