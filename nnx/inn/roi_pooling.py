from __future__ import annotations

from typing import Any

import numpy as np

import nn
from nn import thnn
from nn.numbers import Real, Whole
from nnx.named import named
from nnx.tables import empties, gradients, pair
from torch7 import arrays, registry

SIZES, SCALE = Whole(W=1, H=1), Real("spatial_scale")


@named("inn.ROIPooling")
class ROIPooling(nn.Module):
    """The maxima of ``W x H`` bins of regions of images.

    Input ``{data, rois}``: ``N x C x h x w`` and ``R x 5``, rows (image from 1, x1, y1, x2, y2 in pixels of the picture
    from 1); output ``R x C x H x W``. A corner x is at pixel ``round((x - 1) spatial_scale)`` from 0 (scale 1), halves
    away from zero. With the field ``v2`` (True) a region ends before the second corner and bin b of n pixels in B bins
    runs from ``round(b n / B)`` to ``round((b + 1) n / B)``; without it, as in files of the first version, the corner
    belongs to the region and bins run from the floor to the ceiling. A region has a pixel at least, bins without pixels
    give 0. There is no gradient for the regions. Other shapes raise ``ValueError``, an image that is not there
    ``IndexError``. Source: inn; Girshick (2015), Fast R-CNN.
    """

    _transient = ("_places",)
    v2: Any = None

    def __init__(self, W: int, H: int, spatial_scale: float | None = None) -> None:
        super().__init__()
        self.W, self.H, self.spatial_scale = W, H, 1 if spatial_scale is None else spatial_scale
        self.v2, self.gradInput = True, empties(self)
        SIZES(self)

    def setSpatialScale(self, scale: float) -> ROIPooling:
        """Set the pixels of ``data`` to a pixel of the picture; returns the module."""
        self.spatial_scale = scale
        return self

    def updateOutput(self, input: Any) -> Any:
        data, rois = self._pair(input)
        (W, H), (N, C, h, w) = SIZES(self), data.shape
        output = self.resizeOutput(data, (len(rois), C, H, W))
        flat = len(rois), C, H * W
        images, rows, columns = self._images(rois, N), self._bins(rois[:, 2::2], H, h), self._bins(rois[:, 1::2], W, w)
        self._places = places = _whole(vars(self).get("_places"), flat, data)
        planes = thnn.contiguous(data).reshape(N, C, h * w)
        thnn.ROIPooling_updateOutput(planes, w, images, rows, columns, output.reshape(flat), places)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        data, rois = self._pair(input)
        (W, H), (N, C, h, w) = SIZES(self), data.shape
        flat, places = (len(rois), C, H * W), vars(self).get("_places")
        self.checkType(gradOutput, "gradOutput")
        g = thnn.contiguous(self.gradOutputAs(gradOutput, (len(rois), C, H, W))).reshape(flat)
        if places is None or _whole(places, flat, data) is not places:
            raise ValueError(f"{self}: call forward before backward, with the same input")
        nn.utils.recursiveFill(gradients(self, tuple(input)), 0)
        thnn.ROIPooling_updateGradInput(g, self._images(rois, N), places, self.gradInput[0].reshape(N, C, h * w))
        return self.gradInput

    def _images(self, rois: Any, N: int) -> Any:
        """The image of every region, from 0."""
        images = rois[:, 0].astype(np.int64) - 1
        if ((images < 0) | (images >= N)).any():
            wrong = rois[((images < 0) | (images >= N)).argmax(), 0]
            raise IndexError(f"{self}: image {wrong:g} of 1..{N}")
        return images

    def _bins(self, ends: Any, bins: int, size: int) -> Any:
        """Where the bins of one axis begin and end, ``R x 2 x bins``, cut to the image; from its corners, ``R x 2``."""
        (scale,) = SCALE(self)
        with np.errstate(over="ignore", invalid="ignore"):
            first, last = rounded((ends.T - 1) * ends.dtype.type(scale)) - [[0], [bool(self.v2)]]
            step = (np.maximum(last - first + 1, 1).astype(ends.dtype) / ends.dtype.type(bins))[:, None]
        if not (np.isfinite(first).all() and np.isfinite(step).all()):
            raise ValueError(f"{self}: the regions times spatial_scale, {scale:g}, are no finite numbers")
        low, high = np.arange(bins, dtype=ends.dtype) * step, np.arange(1, bins + 1, dtype=ends.dtype) * step
        begin, end = (rounded(low), rounded(high)) if self.v2 else (np.floor(low), np.ceil(high))
        with np.errstate(over="ignore"):
            return np.clip(np.stack([begin, end], 1) + first[:, None, None], 0, size).astype(np.int64)

    def _pair(self, input: Any) -> tuple[Any, Any]:
        data, rois = pair(self, input, "data and regions")
        if data.ndim != 4 or rois.ndim != 2 or rois.shape[1] != 5 or not np.isfinite(rois).all():
            raise ValueError(f"{self}: data must be N x C x h x w, regions R x 5, got {arrays.describe(list(input))}")
        return data, arrays.here(rois)  # bins are found on the CPU


def rounded(x: Any) -> Any:
    """The nearest whole numbers, halves away from zero."""
    return np.trunc(x + np.copysign(0.5, x))


def _whole(buffer: Any, shape: tuple, like: Any) -> Any:
    """``buffer`` if kernels may write whole numbers of ``shape`` to it, else a new one, where ``like`` is."""
    fits = type(buffer) is type(like) and buffer.shape == shape and buffer.dtype == np.int64 and buffer.base is None
    return buffer if fits and arrays.plain(buffer) else np.empty(shape, np.int64, like=like)


registry.lacking(ROIPooling, spatial_scale=1)


@registry.upgrade(ROIPooling)
def _upgrade(module: ROIPooling, fields: dict) -> None:
    fields.setdefault("v2", False)
    for name in ("indices", "gradInput_boxes", "gradInput_rois"):
        fields.pop(name, None)
