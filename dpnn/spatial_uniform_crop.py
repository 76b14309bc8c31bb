from __future__ import annotations

import math
from typing import Any

import numpy as np

import nn
from torch7 import arrays
from torch7.random import uniform

from .resampling import add_back, resample


@nn.register
class SpatialUniformCrop(nn.Module):
    """Cuts a patch of ``oheight x owidth`` out of each image: at a random place in training, else out of the middle.

    Input: ``C x H x W`` or ``N x C x H x W``; output has the patch's size. Every place is equally likely but for the
    last row and column of places, which do not occur; ``coord`` holds the first row and column of each patch.

    ``owidth``: ``oheight``. ``scale``: ``{min, max}``, a list or a dict with these keys: the patch is first
    U(min, max) times as large and is resampled to ``oheight x owidth``; ``scales`` holds the factors. An image smaller
    than the patch raises ``ValueError``. Source: manual of dpnn.
    """

    def __init__(self, oheight: int, owidth: int | None = None, scale: Any = None) -> None:
        super().__init__()
        self.oheight, self.owidth = oheight, oheight if owidth is None else owidth
        if isinstance(scale, dict):
            scale = [scale["min"], scale["max"]]
        if scale is not None and len(scale) != 2:
            raise ValueError(f"SpatialUniformCrop: scale is a table of min and max, got {scale}")
        self.scale = None if scale is None else list(scale)
        self.coord: Any = None
        self.scales: Any = None

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim not in (3, 4):
            raise ValueError(f"SpatialUniformCrop: input must be C x H x W or N x C x H x W: {arrays.describe(input)}")
        batch = input if input.ndim == 4 else input[None]
        self._draw(batch)
        output = self.resizeOutput(input, (*input.shape[:-2], self.oheight, self.owidth))
        for patch, image in zip(self._patches(batch), output if input.ndim == 4 else output[None]):
            image[...] = patch if self.scales is None else resample(patch, image)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        gradInput = self.resizeGradInput(input, gradOutput)
        gradOutput = self.gradOutputAs(gradOutput, self.output)
        gradInput.fill(0)
        batches = (x if x.ndim == 4 else x[None] for x in (gradInput, gradOutput))
        for patch, gradient in zip(self._patches(next(batches)), next(batches)):
            if self.scales is None:
                patch[...] = gradient
            else:
                add_back(patch, gradient)
        return gradInput

    def _draw(self, batch: Any) -> None:
        """Choose ``coord`` and ``scales`` for a batch."""
        n, _, height, width = batch.shape
        self.coord, self.scales = np.empty((n, 2), np.int32), None
        if self.train is False:
            self._fit(batch, self.oheight, self.owidth)
            self.coord[:] = (height - self.oheight) // 2 + 1, (width - self.owidth) // 2 + 1
            return
        if self.scale is not None:
            self.scales = np.empty(n, np.float32)
        for i in range(n):
            if self.scales is not None:
                self.scales[i] = uniform(*self.scale)
            h, w = self._size(i)
            self._fit(batch, h, w)
            self.coord[i] = place(height - h), place(width - w)

    def _size(self, i: int) -> tuple[int, int]:
        """The height and width of the patch from image i."""
        scale = 1 if self.scales is None else float(self.scales[i])
        return math.ceil(scale * self.oheight), math.ceil(scale * self.owidth)

    def _fit(self, batch: Any, h: int, w: int) -> None:
        if h > batch.shape[2] or w > batch.shape[3]:
            raise ValueError(f"SpatialUniformCrop: a patch of {h}x{w} does not fit {arrays.describe(batch)}")

    def _patches(self, batch: Any) -> list:
        """The patch of each image, as views."""
        patches = []
        for i, (image, (row, column)) in enumerate(zip(batch, self.coord.tolist())):
            h, w = self._size(i)
            patches.append(image[:, row - 1 : row - 1 + h, column - 1 : column - 1 + w])
        return patches


def place(room: int) -> int:
    """A first row from 1 to ``room``; 1 where there is no room."""
    return max(1, math.ceil(uniform(1e-2, room)))
