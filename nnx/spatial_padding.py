from __future__ import annotations

import nn
from nn.convolution.spatial_padding import SpatialZeroPadding


@nn.register
class SpatialPadding(SpatialZeroPadding):
    """nnx's name for :class:`nn.SpatialZeroPadding`: a border of zeros, negative pads crop. Source: nnx."""
