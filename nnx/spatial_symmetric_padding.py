from __future__ import annotations

import numpy as np

import nn
from nn.convolution.spatial_padding import SpatialPadding, positions


@nn.register
class SpatialSymmetricPadding(SpatialPadding):
    """Planes continued by their mirror image, the edge pixel repeated; negative pads crop.

    Input: ``C x H x W`` or ``N x C x H x W``; output ``C x (H + pad_t + pad_b) x (W + pad_l + pad_r)``, in pixels. Pads
    left out are ``pad_l``. A pad larger than the image raises ``ValueError``. Source: deepmask.
    """

    def axis(self, size: int, before: int, after: int) -> np.ndarray:
        if max(before, after) > size:
            raise ValueError(f"{self}: the padding must not be larger than the image, which has {size} pixels there")
        places = positions(size, before, after)
        places = np.where(places < 0, -1 - places, places)
        return np.where(places >= size, 2 * size - 1 - places, places)
