from __future__ import annotations

from math import ceil, floor
from typing import Any

import numpy as np

import nn
from nn.numbers import Real, Whole
from nnx.named import named
from torch7 import arrays, registry

SIZES, SCALE = Whole(W=1, H=1), Real("spatial_scale")


@named("inn.ROIPooling")
class ROIPooling(nn.Module):
    """The maxima of ``W x H`` bins of regions of images.

    Input ``{data, rois}``: ``N x C x h x w`` and ``R x 5``, rows (image from 1, x1, y1, x2, y2 in pixels of the picture
    from 1); output ``R x C x H x W``. Corners are scaled by ``spatial_scale`` (1) and rounded; bins without pixels give
    0. There is no gradient for the regions. Other shapes raise ``ValueError``, an image that is not there
    ``IndexError``. Source: inn; Girshick (2015), Fast R-CNN.
    """

    _transient = ("_places", "_width")

    def __init__(self, W: int, H: int, spatial_scale: float | None = None) -> None:
        super().__init__()
        self.W, self.H, self.spatial_scale = W, H, 1 if spatial_scale is None else spatial_scale
        self.gradInput: Any = [arrays.empty(self._type), arrays.empty(self._type)]
        SIZES(self)

    def setSpatialScale(self, scale: float) -> ROIPooling:
        """Set the pixels of ``data`` to a pixel of the picture; returns the module."""
        self.spatial_scale = scale
        return self

    def updateOutput(self, input: Any) -> Any:
        data, rois = self._pair(input)
        W, H = SIZES(self)
        output = self.resizeOutput(data, (len(rois), data.shape[1], H, W))
        self._places = np.full(output.shape, -1)
        for r, roi in enumerate(rois):
            image, rows, columns = self._bins(roi, data.shape)
            for i, (top, bottom) in enumerate(rows):
                for j, (left, right) in enumerate(columns):
                    self._pool(data[image, :, top:bottom, left:right], output[r, :, i, j], (r, i, j), (top, left))
        return output

    def _pool(self, bin: Any, output: Any, at: tuple, corner: tuple) -> None:
        if not bin.size:
            output[...] = 0
            return
        flat = bin.reshape(len(bin), -1)
        best = flat.argmax(1)
        output[...] = np.take_along_axis(flat, best[:, None], 1)[:, 0]
        r, i, j = at
        row, column = np.divmod(best, bin.shape[2])
        self._places[r, :, i, j] = (row + corner[0]) * self._width + column + corner[1]

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        data, rois = self._pair(input)
        W, H = SIZES(self)
        shape = len(rois), data.shape[1], H, W
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, shape)
        if getattr(vars(self).get("_places"), "shape", None) != shape:
            raise ValueError(f"{self}: call forward before backward, with the same input")
        held = self.gradInput if isinstance(self.gradInput, list) and len(self.gradInput) == 2 else [None, None]
        self.gradInput = [self.resized(buffer, x.shape) for buffer, x in zip(held, input)]
        nn.utils.recursiveFill(self.gradInput, 0)
        flat = self.gradInput[0].reshape(*data.shape[:2], -1)
        r, c, i, j = np.nonzero(self._places >= 0)
        np.add.at(flat, (rois[r, 0].astype(np.int64) - 1, c, self._places[r, c, i, j]), g[r, c, i, j])
        return self.gradInput

    def _bins(self, roi: Any, shape: tuple) -> tuple[int, list, list]:
        """The image of a region, and where its bins begin and end."""
        W, H = SIZES(self)
        (scale,) = SCALE(self)
        image = int(roi[0]) - 1
        if not 0 <= image < shape[0]:
            raise IndexError(f"{self}: image {roi[0]:g} of 1..{shape[0]}")
        x1, y1, x2, y2 = (floor((float(v) - 1) * scale + 0.5) for v in roi[1:])
        self._width = shape[3]
        return image, _split(y1, y2, H, shape[2]), _split(x1, x2, W, shape[3])

    def _pair(self, input: Any) -> tuple[Any, Any]:
        if not isinstance(input, list | tuple) or len(input) != 2:
            raise TypeError(f"{self}: input must be a table of data and regions, got {arrays.describe(input)}")
        for x in input:
            self.checkType(x)
        data, rois = input
        if data.ndim != 4 or rois.ndim != 2 or rois.shape[1] != 5 or not np.isfinite(rois).all():
            raise ValueError(f"{self}: data must be N x C x h x w, regions R x 5, got {arrays.describe(list(input))}")
        return data, rois


def _split(first: int, last: int, bins: int, size: int) -> list[tuple[int, int]]:
    """The bins of one axis, cut to the image."""
    length = max(last - first + 1, 1) / bins
    edges = [(floor(b * length) + first, ceil((b + 1) * length) + first) for b in range(bins)]
    return [(min(max(a, 0), size), min(max(b, 0), size)) for a, b in edges]


registry.lacking(ROIPooling, spatial_scale=1)
