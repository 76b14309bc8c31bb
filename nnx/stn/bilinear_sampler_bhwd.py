from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import nn
from torch7 import arrays


@nn.register
class BilinearSamplerBHWD(nn.Module):
    """Images read at places between pixels, by bilinear interpolation; outside the image lie zeros.

    Input ``{images, grids}``: ``N x H x W x C`` (or one image) and ``N x h x w x 2``, places (y, x) from (-1, -1), the
    first pixel, to (1, 1), the last; output ``N x h x w x C``. Gradients for both. Other shapes raise ``ValueError``.
    Source: stnbhwd; Jaderberg et al. (2015), Spatial transformer networks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gradInput: Any = [arrays.empty(self._type), arrays.empty(self._type)]

    def updateOutput(self, input: Any) -> Any:
        images, grids = self._batch(input)
        output = self.resizeOutput(input[0], (*input[1].shape[:-1], images.shape[-1]))
        y = output.reshape(*grids.shape[:-1], -1)
        y.fill(0)
        for pixels, share, *_ in self._neighbours(images, grids):
            y += images[pixels] * share[..., None]
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        images, grids = self._batch(input)
        self.checkType(gradOutput, "gradOutput")
        g = self.gradOutputAs(gradOutput, (*input[1].shape[:-1], images.shape[-1])).reshape(*grids.shape[:-1], -1)
        held = self.gradInput if isinstance(self.gradInput, list) and len(self.gradInput) == 2 else [None, None]
        self.gradInput = [self.resized(buffer, x.shape) for buffer, x in zip(held, input)]
        gradImages, gradGrids = self.gradInput[0].reshape(images.shape), self.gradInput[1].reshape(grids.shape)
        nn.utils.recursiveFill(self.gradInput, 0)
        xp = arrays.array_module(images)
        steps = (images.shape[1] - 1) / 2, (images.shape[2] - 1) / 2
        for pixels, share, dy, dx in self._neighbours(images, grids):
            xp.add.at(gradImages, pixels, g * share[..., None])
            dot = (g * images[pixels]).sum(-1)
            gradGrids[..., 0] += dot * dy * steps[0]
            gradGrids[..., 1] += dot * dx * steps[1]
        return self.gradInput

    def _batch(self, input: Any) -> tuple[Any, Any]:
        """Images and grids as batches; ``ValueError`` where they do not fit each other."""
        if not isinstance(input, list | tuple) or len(input) != 2:
            raise TypeError(f"{self}: input must be a table of images and grids, got {arrays.describe(input)}")
        for x in input:
            self.checkType(x)
        images, grids = input if input[0].ndim == 4 else (x[None] for x in input)
        fits = images.ndim == grids.ndim == 4 and len(images) == len(grids) and grids.shape[-1] == 2
        if not fits or not images.size:
            raise ValueError(f"{self}: images and grids do not fit: {arrays.describe(list(input))}")
        return images, grids

    @staticmethod
    def _neighbours(images: Any, grids: Any) -> Iterator[tuple]:
        """The four pixels around each place: their index, their share, and its derivatives by y and x in pixels."""
        xp = arrays.array_module(images)
        H, W = images.shape[1:3]
        y, x = (grids[..., 0] + 1) * ((H - 1) / 2), (grids[..., 1] + 1) * ((W - 1) / 2)
        with np.errstate(invalid="ignore"):
            top, left = xp.floor(y), xp.floor(x)
            fy, fx = y - top, x - left
            samples = xp.arange(len(images))[:, None, None]
            for dy, dx in ((0, 0), (0, 1), (1, 0), (1, 1)):
                wy, wx = (fy if dy else 1 - fy), (fx if dx else 1 - fx)
                row, column = top + dy, left + dx
                inside = (row >= 0) & (row <= H - 1) & (column >= 0) & (column <= W - 1)
                pixels = samples, *(xp.where(inside, place, 0).astype(np.int64) for place in (row, column))
                share, by_y, by_x = wy * wx, wx * (1 if dy else -1), wy * (1 if dx else -1)
                yield pixels, *(xp.where(inside, v, 0).astype(images.dtype) for v in (share, by_y, by_x))
