from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

import nn
from torch7 import arrays, registry

DISTANCES = {"euclid": 0, "cosine": 1}
#: What is added to features, so that vectors of zeros are alike.
EPSILON = 1e-12


@nn.register
class SpatialGraph(nn.Module):
    """How far each pixel's features are from those of the pixel to the right and of the pixel below.

    ``dist='euclid'`` (default): ``sqrt(sum_k (x_k - x'_k)^2)``, with ``normalize`` (True) by ``sqrt(K)``;
    ``'cosine'``: ``1 - x . x' / (|x| |x'|)``, without ``normalize`` ``K - x . x'``. Input ``K x H x W``; output ``2 x
    H x W``, the last column of the first and the last row of the second plane zero. ``config``, a dict or keywords;
    ``connex`` is 4. nnx's gradient of the normalised cosine is another one; here it is that of the formula. Source:
    nnx.
    """

    connex, dist, normalize = 4, 0, 1

    def __init__(self, config: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        given = {"dist": "euclid", "normalize": True, "connex": 4, **(config or {}), **settings}
        if given["dist"] not in DISTANCES or given["connex"] != 4:
            raise ValueError(f"nn.SpatialGraph: dist must be euclid or cosine and connex 4, got {given}")
        self.dist, self.normalize, self.connex = DISTANCES[given["dist"]], int(bool(given["normalize"])), 4

    def updateOutput(self, input: Any) -> Any:
        self._checked(input)
        output = self.resizeOutput(input, (2, *input.shape[1:]))
        output.fill(0)
        for plane, here, there in edges():
            output[plane][here[1:]] = self._distance(input[here], input[there])
        return output

    def _distance(self, x: Any, y: Any) -> Any:
        K, xp = len(x), arrays.array_module(x)
        if self.dist == 0:
            return xp.sqrt(((x - y) ** 2).sum(0)) * (1 / sqrt(K) if self.normalize else 1)
        x, y = x + EPSILON, y + EPSILON
        product = (x * y).sum(0)
        return 1 - product / xp.sqrt((x * x).sum(0) * (y * y).sum(0)) if self.normalize else K - product

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self._checked(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        g = self.gradOutputAs(gradOutput, (2, *input.shape[1:]))
        gradInput.fill(0)
        for plane, here, there in edges():
            for a, b in ((here, there), (there, here)):
                gradInput[a] += self._slope(input[a], input[b]) * g[plane][here[1:]]
        return gradInput

    def _slope(self, x: Any, y: Any) -> Any:
        """The derivative of the distance by ``x``."""
        xp = arrays.array_module(x)
        if self.dist == 0:
            difference = x - y
            length = xp.sqrt((difference**2).sum(0))
            with np.errstate(invalid="ignore", divide="ignore"):
                slope = xp.where(length > 0, difference / length, 0)
            return slope * (1 / sqrt(len(x)) if self.normalize else 1)
        x, y = x + EPSILON, y + EPSILON
        if not self.normalize:
            return -y
        a, b = (x * x).sum(0), (y * y).sum(0)
        return (x * (x * y).sum(0) / a - y) / xp.sqrt(a * b)

    def _checked(self, input: Any) -> None:
        self.checkType(input)
        if input.ndim != 3 or not input.size:
            raise ValueError(f"{self}: input must be K x H x W, got {arrays.describe(input)}")


def edges() -> list[tuple]:
    """For each direction its plane, and the pixels at both ends of the edges."""
    every, before, behind = slice(None), slice(None, -1), slice(1, None)
    return [(0, (every, every, before), (every, every, behind)), (1, (every, before, every), (every, behind, every))]


registry.lacking(SpatialGraph, dist=0, normalize=1, connex=4)
