from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn.convolution.spatial_padding import SpatialZeroPadding, positions


@nn.register
class SpatialSymmetricPadding(SpatialZeroPadding):
    """Planes continued by their mirror image, the edge pixel repeated; negative pads crop.

    The border counts as a constant in the gradient, which is that of :class:`nn.SpatialZeroPadding`. Input: ``C x H x
    W`` or ``N x C x H x W``; output ``C x (H + pad_t + pad_b) x (W + pad_l + pad_r)``, in pixels. Pads left out are
    ``pad_l``. A pad larger than the image raises ``ValueError``. Source: deepmask.
    """

    _transient = ("_constant",)
    _constant = False

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self._constant = True
        try:
            return super().updateGradInput(input, gradOutput)
        finally:
            self._constant = False

    def axis(self, size: int, before: int, after: int) -> np.ndarray:
        if self._constant:
            return super().axis(size, before, after)
        if max(before, after) > size:
            raise ValueError(f"{self}: the padding must not be larger than the image, which has {size} pixels there")
        places = positions(size, before, after)
        places = np.where(places < 0, -1 - places, places)
        return np.where(places >= size, 2 * size - 1 - places, places)
