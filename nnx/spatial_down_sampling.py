"""nnx's smaller images: means of blocks, and maxima of windows of even size."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

import nn
from nn import thnn
from nn.numbers import Whole
from nnx.images import images
from torch7 import arrays

RATIOS, SIZES = Whole(rW=1, rH=1), Whole(owidth=1, oheight=1)


@nn.register
class SpatialDownSampling(nn.Module):
    """The mean of every ``rW x rH`` pixels; rows and columns that are left over do not count.

    Input: ``C x H x W`` or ``N x C x H x W``; output ``C x floor(H / rH) x floor(W / rW)``. ``rH`` is ``rW`` by
    default. ``ValueError`` where nothing is left. Source: nnx.
    """

    def __init__(self, rW: int, rH: int | None = None) -> None:
        super().__init__()
        self.rW, self.rH = rW, rW if rH is None else rH
        RATIOS(self)

    def updateOutput(self, input: Any) -> Any:
        x, blocks = self._blocks(input)
        output = self.resizeOutput(input, (*input.shape[:-2], blocks[0].shape[1], blocks[1].shape[1]))
        y = output.reshape(*x.shape[:2], *output.shape[-2:])
        thnn.SpatialAdaptiveAveragePooling_updateOutput(thnn.contiguous(x), y, *blocks)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        x, blocks = self._blocks(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        shape = *input.shape[:-2], blocks[0].shape[1], blocks[1].shape[1]
        g = thnn.contiguous(self.gradOutputAs(gradOutput, shape)).reshape(*x.shape[:2], *shape[-2:])
        gradInput.fill(0)
        thnn.SpatialAdaptiveAveragePooling_updateGradInput(g, gradInput.reshape(x.shape), *blocks)
        return gradInput

    def _blocks(self, input: Any) -> tuple[Any, tuple]:
        """``N x C x H x W``, and where blocks of rows and of columns begin and end."""
        x, (rW, rH) = images(self, input), RATIOS(self)
        if x.shape[2] < rH or x.shape[3] < rW:
            raise ValueError(f"{self}: nothing is left of {arrays.describe(input)}")
        return x, (even(x.shape[2] // rH, rH), even(x.shape[3] // rW, rW))


@lru_cache(64)
def even(count: int, size: int) -> np.ndarray:
    """First and last (exclusive) places of ``count`` blocks of ``size``."""
    first = np.arange(count) * size
    return np.stack([first, first + size])


@nn.register
class SpatialMaxSampling(nn.SpatialAdaptiveMaxPooling):
    """The maxima of ``owidth x oheight`` windows that part an image: window i of o over n pixels begins at ``round(i n
    / o)`` and ends before the next.

    Input: ``C x H x W`` or ``N x C x H x W``, at least as large as the output. ``config``, a dict or keywords, has
    ``owidth`` and ``oheight``. ``indices`` are those of :class:`nn.SpatialAdaptiveMaxPooling`. Source: nnx.
    """

    def __init__(self, config: dict[str, Any] | None = None, **settings: Any) -> None:
        nn.Module.__init__(self)
        given = {**(config or {}), **settings}
        if set(given) != {"owidth", "oheight"}:
            raise TypeError(f"nn.SpatialMaxSampling: owidth and oheight are needed, got {sorted(given)}")
        self.owidth, self.oheight = given["owidth"], given["oheight"]
        SIZES(self)

    @property
    def W(self) -> int:  # type: ignore[override]
        return SIZES(self)[0]

    @property
    def H(self) -> int:  # type: ignore[override]
        return SIZES(self)[1]

    def windows(self, batch: Any) -> tuple[np.ndarray, np.ndarray]:
        if batch.shape[2] < self.H or batch.shape[3] < self.W:
            raise ValueError(f"{self}: upsampling is not supported, got {arrays.describe(batch)}")
        return super().windows(batch)

    @staticmethod
    @lru_cache(64)
    def bounds(size: int, out: int) -> np.ndarray:
        step = np.float32(size) / np.float32(out)
        edges = (np.arange(out + 1, dtype=np.float32) * step + 0.5).astype(np.int64)
        return np.stack([edges[:-1], np.minimum(edges[1:], size)])
