from __future__ import annotations

from typing import Any

import nn
from nnx.named import named
from torch7 import arrays


@named("inn.SpatialPyramidPooling")
class SpatialPyramidPooling(nn.Concat):
    """The maxima of images cut into ``w x h`` cells, for several w and h, one after the other in a row.

    ``SpatialPyramidPooling([w1, h1], [w2, h2], ...)``. Input: ``C x H x W`` or ``N x C x H x W``; output ``C sum w h``
    elements, for each sample. It is a Concat of adaptive poolings. Source: inn; He et al. (2014), Spatial pyramid
    pooling in deep convolutional networks.
    """

    def __init__(self, *cells: Any) -> None:
        super().__init__(1)
        nested = len(cells) == 1 and isinstance(cells[0][0], list | tuple)
        self.pyr = [list(pair) for pair in (cells[0] if nested else cells)]
        for w, h in self.pyr:
            pooling = nn.SpatialAdaptiveMaxPooling(w, h)
            self.add(nn.Sequential().add(pooling).add(nn.View(-1).setNumInputDims(3)).add(nn.Contiguous()))

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim not in (3, 4):
            raise ValueError(f"{self}: unsupported dimensionality: {arrays.describe(input)}")
        self.dimension = input.ndim - 2
        return super().updateOutput(input)
