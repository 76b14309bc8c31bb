from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from torch7 import arrays

from ..extension import register
from .labels import check_range, class_labels
from .mse_criterion import MSECriterion


@register
class ClassSimplexCriterion(MSECriterion):
    """The mean squared error from the class's corner of a regular simplex: ``loss = sum (x_i - s[t, i])^2 / n``.

    ``simplex``, ``nClasses x nClasses``, has a unit vector for each class in its rows, all at one angle, and zeros in
    the last column. Input: ``nClasses`` numbers or ``N x nClasses``. Target: a label 1..nClasses for each sample, as a
    number or a vector of any type; other labels raise ``IndexError``. Source: manual chapter "criterion"; Mroueh,
    Poggio, Rosasco and Slotine 2012.
    """

    def __init__(self, nClasses: int) -> None:
        super().__init__()
        if not isinstance(nClasses, int | np.integer) or nClasses < 2:
            raise ValueError(f"nn.ClassSimplexCriterion: nClasses must be an integer above 1, got {nClasses!r}")
        self.nClasses = int(nClasses)
        xp = arrays.module_of(arrays.getdefaulttensortype())
        self.simplex = xp.zeros((self.nClasses, self.nClasses), self._dtype)
        self.simplex[:, :-1] = xp.asarray(regular_simplex(self.nClasses - 1))
        self.target = xp.zeros(1, np.int64)
        self._target = xp.zeros(self.nClasses, self._dtype)

    def updateOutput(self, input: Any, target: Any) -> float:
        return super().updateOutput(input, self.corners(input, target))

    def updateGradInput(self, input: Any, target: Any) -> Any:
        return super().updateGradInput(input, self.corners(input, target))

    def getPredictions(self, input: Any) -> Any:
        """The product of every sample with every corner: ``N x nClasses``."""
        self.checkType(input)
        return input.reshape(-1, input.shape[-1]) @ self.simplex.T

    def getTopPrediction(self, input: Any) -> Any:
        """The label of the corner nearest to each sample, N integers."""
        return self.getPredictions(input).argmax(1) + 1

    def corners(self, input: Any, target: Any) -> Any:
        """The corners of the labels, in ``_target``."""
        self.checkType(input)
        if input.ndim not in (1, 2) or input.shape[-1] != self.nClasses:
            raise ValueError(f"{self}: {self.nClasses} columns expected, input is {arrays.describe(input)}")
        if getattr(target, "ndim", 0) > 1:
            raise ValueError(f"{self}: 1D tensors only! target is {arrays.describe(target)}")
        labels = class_labels(self, target, input.size // self.nClasses)
        check_range(self, labels, self.nClasses)
        self._target = corners = arrays.resized(self._target, (labels.size, self.nClasses), input)
        self.simplex.take(labels - 1, 0, out=corners, mode="clip")
        return corners.reshape(input.shape)


def regular_simplex(n: int) -> np.ndarray:
    """n + 1 unit vectors in n dimensions, each two with the product -1/n, made one coordinate after another."""
    a = np.zeros((n + 1, n))
    for k in range(n):
        a[k, k] = sqrt(1 - np.dot(a[k, :k], a[k, :k]))
        a[k + 1 :, k] = (-1 / n - a[k, :k] @ a[k + 1, :k]) / a[k, k]
    return a
