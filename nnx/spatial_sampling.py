"""nnx's changes of an image's size: repeated pixels and bilinear resampling."""

from __future__ import annotations

from typing import Any

import numpy as np

import nn
from dpnn.resampling import add_back, resample
from nn.convolution.axes_gather import AxesGather
from nn.numbers import Real, Whole
from nnx.images import images
from torch7 import arrays, registry

STEPS, SIZES, RATIOS = Whole(dW=1, dH=1), Whole(owidth=1, oheight=1), Real("rwidth", "rheight")


@nn.register
class SpatialUpSampling(AxesGather):
    """Planes with every pixel ``dW`` times in a row and ``dH`` times in a column.

    Input: ``C x H x W`` or ``N x C x H x W``; output ``C x (H dH) x (W dW)``. ``dH`` is ``dW`` by default. Source: nnx.
    """

    def __init__(self, dW: int, dH: int | None = None) -> None:
        super().__init__()
        self.dW, self.dH = dW, dW if dH is None else dH
        STEPS(self)

    def check(self, input: Any) -> int:
        images(self, input)
        return 2

    def sources(self, sizes: tuple[int, ...]) -> list[np.ndarray]:
        dW, dH = STEPS(self)
        return [np.repeat(np.arange(size), step) for size, step in zip(sizes, (dH, dW))]


registry.lacking(SpatialUpSampling, dW=1, dH=1)


@nn.register
class SpatialReSampling(nn.Module):
    """Images of another size, by bilinear interpolation, corner to corner.

    ``config``, a dict or keywords: ``owidth`` and ``oheight``, the new size in pixels, or ``rwidth`` and ``rheight``,
    the new size to the old one. Input: ``C x H x W`` or ``N x C x H x W``. Other ranks raise ``ValueError``. Images of
    any size may come as ``gradOutput``: backward goes by theirs.
    Source: nnx.
    """

    owidth = oheight = rwidth = rheight = None

    def __init__(self, config: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        settings = {**(config or {}), **settings}
        unknown = settings.keys() - {"owidth", "oheight", "rwidth", "rheight"}
        if unknown or not ({"owidth", "oheight"} <= settings.keys() or {"rwidth", "rheight"} <= settings.keys()):
            raise TypeError(f"nn.SpatialReSampling: owidth and oheight, or rwidth and rheight, got {sorted(settings)}")
        for name in ("owidth", "oheight", "rwidth", "rheight"):
            setattr(self, name, settings.get(name))

    def updateOutput(self, input: Any) -> Any:
        output = self.resizeOutput(input, self._shape(input))
        return resample(input, output)

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        shape = self._shape(input)
        if getattr(gradOutput, "ndim", 0) == input.ndim and gradOutput.shape[:-2] == input.shape[:-2]:
            shape = gradOutput.shape
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput.fill(0)
        add_back(gradInput, self.gradOutputAs(gradOutput, shape))
        return gradInput

    def _shape(self, input: Any) -> tuple[int, ...]:
        images(self, input)
        if self.owidth is None or self.oheight is None:
            width, height = RATIOS(self)
            size = int(input.shape[-2] * height + 0.5), int(input.shape[-1] * width + 0.5)
        else:
            size = SIZES(self)[::-1]
        if min(size) < 1:
            raise ValueError(f"{self}: nothing is left of {arrays.describe(input)}")
        return *input.shape[:-2], *size
