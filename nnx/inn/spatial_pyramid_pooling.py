from __future__ import annotations

from typing import Any

import nn
from nnx.named import named


@named("inn.SpatialPyramidPooling")
class SpatialPyramidPooling(nn.Concat):
    """The maxima of images cut into ``w x h`` cells, for several w and h, one after the other in a row.

    ``SpatialPyramidPooling([w1, h1], [w2, h2], ...)``. Input: ``N x C x H x W``; output ``N x (C sum w h)``. It is a
    Concat of adaptive poolings. Source: inn; He et al. (2014), Spatial pyramid pooling in deep convolutional networks.
    """

    def __init__(self, *cells: Any) -> None:
        super().__init__(2)
        for w, h in cells:
            pooling = nn.SpatialAdaptiveMaxPooling(w, h)
            self.add(nn.Sequential().add(pooling).add(nn.View(-1).setNumInputDims(3)).add(nn.Contiguous()))
