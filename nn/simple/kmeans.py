from __future__ import annotations

from math import ceil
from typing import Any, Self

from torch7 import arrays
from torch7.random import random, uniform

from .. import thnn
from ..extension import register
from ..module import Module


@register
class Kmeans(Module):
    """Online k-means: the output is, for each sample, the 1-based number of the nearest of ``k`` learned centers.

    Input: a batch, ``N x dim``; output N numbers. ``loss`` is the sum of the squared distances to the nearest centers,
    the rows of ``weight``, ``k x dim``; of equally near ones the first counts. gradOutput is ignored, and gradInput is
    0: ``gradWeight_c -= scale * sum (x - w_c) / (n_c + 1e-7)`` over the n_c samples nearest to center c, so that
    updateParameters(1) moves the centers to their means. ``scale`` is the constructor's, or else that of backward.
    Other shapes raise ``ValueError``. Source: manual chapter "simple".
    """

    scale: float | None = None

    def __init__(self, k: int, dim: int, scale: float | None = None) -> None:
        super().__init__()
        if not (k > 0 and dim > 0):
            raise ValueError(f"nn.Kmeans: numbers of centers and dimensions must be positive, got {k} and {dim}")
        self.k, self.dim, self.scale = k, dim, scale
        xp, dtype = arrays.module_of(self._type), self._dtype
        self.weight, self.gradWeight = xp.empty((k, dim), dtype), xp.zeros((k, dim), dtype)
        self.clusterSampleCount = xp.zeros(k, dtype)
        self.loss = 0.0
        self.reset()

    def reset(self, stdev: float | None = None) -> Self:
        """Draw the centers from U(-stdev, stdev), stdev being 1 by default."""
        stdev = 1 if stdev is None else stdev
        uniform(self.weight, -stdev, stdev)
        return self

    def initRandom(self, input: Any) -> Self:
        """Take k samples of ``input``, drawn with replacement, as centers; ``ValueError`` for less than k samples."""
        self._check(input)
        if len(input) < self.k:
            raise ValueError(f"{self}: {self.k} centers need as many samples, got {arrays.describe(input)}")
        places = [random(1, len(input)) - 1 for _ in range(self.k)]
        self.weight[...] = input[places]
        return self

    def initKmeansPlus(self, input: Any, p: float | None = None) -> Self:
        """Take samples far from one another as centers (k-means++): the first at random, each next one at random among
        the ``1 - p`` of all samples that are farthest from the centers so far. ``p`` is ``self.p`` or 0.95.
        """
        self._check(input)
        p = p if p is not None else vars(self).get("p", 0.95)
        if not 0 <= p <= 1:
            raise ValueError(f"{self}: p must be within 0 to 1, got {p}")
        n = len(input)
        count = max(1, ceil((1 - p) * n))
        self.weight[0] = input[random(1, n) - 1]
        for c in range(1, self.k):
            distances = self._squaredDistances(input, self.weight[:c]).min(1)
            farthest = (-distances).argsort(kind="stable")
            self.weight[c] = input[int(farthest[random(1, count) - 1])]
        return self

    def updateOutput(self, input: Any) -> Any:
        self._check(input)
        distances = self._squaredDistances(input, self.weight)
        self._nearest = distances.argmin(1)
        self.output = self.resized(self.output, (len(input),), input)
        self.output[...] = self._nearest + 1
        self.loss = thnn.number(distances.min(1).sum())
        return self.output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(input)
        self.gradInput = self.resized(self.gradInput, input.shape, input, gradOutput, self.output)
        self.gradInput.fill(0)
        return self.gradInput

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        self._check(input)
        scale = self.scale or (1 if scale is None else scale)
        if not scale > 0:
            raise ValueError(f"{self}: scale must be positive, got {scale}")
        xp = arrays.array_module(input)
        nearest = vars(self).get("_nearest", ())
        if len(nearest) != len(input):
            nearest = self._squaredDistances(input, self.weight).argmin(1)
        self.clusterSampleCount[...] = xp.bincount(nearest, minlength=self.k)
        sums = xp.zeros_like(self.weight)
        thnn.Index_updateGradInput(thnn.contiguous(input), sums, thnn.contiguous(nearest), 0)
        count = self.clusterSampleCount[:, None]
        self.gradWeight -= scale * (sums - count * self.weight) / (count + 1e-7)

    def _squaredDistances(self, input: Any, centers: Any) -> Any:
        """|x - w|^2 for each sample and center."""
        distances = self.resized(None, (len(input), len(centers)))
        thnn.Euclidean_updateOutput(thnn.contiguous(input), distances, thnn.contiguous(centers.T))
        distances *= distances
        return distances

    def _check(self, input: Any) -> None:
        self.checkType(input)
        if input.ndim != 2 or input.shape[1] != self.dim:
            raise ValueError(f"{self}: input must be N x {self.dim}, got {arrays.describe(input)}")
        self.checkFields(weight=(self.k, self.dim))

    def clearState(self) -> Self:
        vars(self).pop("_nearest", None)
        return super().clearState()
