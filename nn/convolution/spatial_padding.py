from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays, registry

from ..extension import register
from ..numbers import MOST, Whole
from .axes_gather import AxesGather

# Where a pad is negative, the image is cropped.
SPATIAL = Whole(pad_l=-MOST, pad_r=-MOST, pad_t=-MOST, pad_b=-MOST)
VOLUMETRIC = Whole(pleft=-MOST, pright=-MOST, ptop=-MOST, pbottom=-MOST, pfront=-MOST, pback=-MOST)


class SpatialPadding(AxesGather):
    """Base of paddings of planes: ``pad_l, pad_r, pad_t, pad_b`` pixels left, right, at top and bottom."""

    def __init__(
        self, padLeft: int, padRight: int | None = None, padTop: int | None = None, padBottom: int | None = None
    ) -> None:
        super().__init__()
        self.pad_l = padLeft
        self.pad_r = padLeft if padRight is None else padRight
        self.pad_t = padLeft if padTop is None else padTop
        self.pad_b = padLeft if padBottom is None else padBottom

    def check(self, input: Any) -> int:
        if input.ndim not in (3, 4):
            raise ValueError(f"{self}: input must be 3 or 4-dimensional, got {arrays.describe(input)}")
        return 2

    def sources(self, sizes: tuple[int, ...]) -> list[np.ndarray]:
        height, width = sizes
        left, right, top, bottom = SPATIAL(self)
        return [self.axis(height, top, bottom), self.axis(width, left, right)]

    def axis(self, size: int, before: int, after: int) -> np.ndarray:
        """The sources of one axis of ``size``."""
        raise NotImplementedError

    def __tostring__(self) -> str:
        name = registry.class_name(type(self))
        return f"{name}(l={self.pad_l}, r={self.pad_r}, t={self.pad_t}, b={self.pad_b})"


def positions(size: int, before: int, after: int) -> np.ndarray:
    """The input position that each output position would have without a rule: from -before to size + after - 1."""
    return np.arange(-before, size + after)


def replicated(size: int, before: int, after: int) -> np.ndarray:
    """Outside, the nearest position of what a negative pad leaves."""
    return np.clip(positions(size, before, after), max(0, -before), size - 1 - max(0, -after))


@register
class SpatialZeroPadding(SpatialPadding):
    """Planes with a border of zeros, or cropped where a pad is negative.

    Input: ``C x H x W`` or ``N x C x H x W``; output ``C x (H + pad_t + pad_b) x (W + pad_l + pad_r)``, in pixels. Pads
    left out are ``pad_l``. Nothing left raises ``ValueError``. Source: manual chapter "convolution".
    """

    def axis(self, size: int, before: int, after: int) -> np.ndarray:
        places = positions(size, before, after)
        return np.where((places >= 0) & (places < size), places, -1)


@register
class SpatialReflectionPadding(SpatialPadding):
    """Planes continued by their mirror image; the edge pixel is not repeated.

    Input: ``C x H x W`` or ``N x C x H x W``; output ``C x (H + pad_t + pad_b) x (W + pad_l + pad_r)``, in pixels. Pads
    left out are ``pad_l``; negative ones crop. A pad as large as the image raises ``ValueError``.
    Source: manual chapter "convolution".
    """

    def axis(self, size: int, before: int, after: int) -> np.ndarray:
        if max(before, after) >= size:
            raise ValueError(f"{self}: the padding must be smaller than the image, which has {size} pixels there")
        places = np.abs(positions(size, before, after))
        return size - 1 - np.abs(size - 1 - places)


@register
class SpatialReplicationPadding(SpatialPadding):
    """Planes continued by their edge pixels.

    Input: ``C x H x W`` or ``N x C x H x W``; output ``C x (H + pad_t + pad_b) x (W + pad_l + pad_r)``, in pixels. Pads
    left out are ``pad_l``; negative ones crop. ``ValueError`` for an input without 3 or 4 dimensions and for an output
    of no size, ``TypeError`` for another type. Source: manual chapter "convolution".
    """

    def axis(self, size: int, before: int, after: int) -> np.ndarray:
        return replicated(size, before, after)


@register
class VolumetricReplicationPadding(AxesGather):
    """Volumes continued by their edge voxels.

    Input: ``C x T x H x W`` or ``N x C x T x H x W``; ``pleft, pright`` pad the width, ``ptop, pbottom`` the height and
    ``pfront, pback`` the depth T, in voxels. Pads left out are ``pleft``; negative ones crop. ``ValueError`` for an
    input without 4 or 5 dimensions and for an output of no size, ``TypeError`` for another type. Source: manual chapter
    "convolution".
    """

    def __init__(
        self,
        padLeft: int,
        padRight: int | None = None,
        padTop: int | None = None,
        padBottom: int | None = None,
        padFront: int | None = None,
        padBack: int | None = None,
    ) -> None:
        super().__init__()
        self.pleft = padLeft
        self.pright = padLeft if padRight is None else padRight
        self.ptop = padLeft if padTop is None else padTop
        self.pbottom = padLeft if padBottom is None else padBottom
        self.pfront = padLeft if padFront is None else padFront
        self.pback = padLeft if padBack is None else padBack

    def check(self, input: Any) -> int:
        if input.ndim not in (4, 5):
            raise ValueError(f"{self}: input must be 4 or 5-dimensional, got {arrays.describe(input)}")
        return 3

    def sources(self, sizes: tuple[int, ...]) -> list[np.ndarray]:
        left, right, top, bottom, front, back = VOLUMETRIC(self)
        pads = (front, back), (top, bottom), (left, right)
        return [replicated(size, *pad) for size, pad in zip(sizes, pads)]

    def __tostring__(self) -> str:
        names = ("left", "right", "top", "bottom", "front", "back")
        pads = ", ".join(f"{name}={getattr(self, 'p' + name)}" for name in names)
        return f"{registry.class_name(type(self))}({pads})"
