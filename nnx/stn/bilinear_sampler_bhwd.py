from __future__ import annotations

from typing import Any

import nn
from nn import thnn
from nnx.tables import empties, gradients, pair
from torch7 import arrays


class Sampler(nn.Module):
    """Base of layers that read images, their channels last, at places between pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.gradInput: Any = empties(self)

    def batch(self, input: Any) -> tuple[Any, Any]:
        """Images as ``N x H x W x C``, or one for all, and grids as ``N x h x w x 2``; ``ValueError`` where they do not
        fit each other.
        """
        raise NotImplementedError

    def updateOutput(self, input: Any) -> Any:
        images, grids = self.batch(input)
        output = self.resizeOutput(input[0], (*input[1].shape[:-1], images.shape[-1]))
        places = thnn.contiguous(grids).reshape(len(grids), -1, 2)
        thnn.BilinearSampler_updateOutput(thnn.contiguous(images), places, output.reshape(*places.shape[:2], -1))
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        images, grids = self.batch(input)
        self.checkType(gradOutput, "gradOutput")
        g = thnn.contiguous(self.gradOutputAs(gradOutput, (*input[1].shape[:-1], images.shape[-1])))
        gradImages, gradGrids = gradients(self, input)
        gradImages.fill(0)
        places = thnn.contiguous(grids).reshape(len(grids), -1, 2)
        flat = g.reshape(*places.shape[:2], -1), gradImages.reshape(images.shape), gradGrids.reshape(places.shape)
        thnn.BilinearSampler_updateGradInput(thnn.contiguous(images), places, *flat)
        return self.gradInput


@nn.register
class BilinearSamplerBHWD(Sampler):
    """Images read at places between pixels, by bilinear interpolation; outside the image lie zeros.

    Input ``{images, grids}``: ``N x H x W x C`` (or one image) and ``N x h x w x 2``, places (y, x) from (-1, -1), the
    first pixel, to (1, 1), the last; output ``N x h x w x C``. Gradients for both. Other shapes raise ``ValueError``.
    Source: stnbhwd; Jaderberg et al. (2015), Spatial transformer networks.
    """

    def batch(self, input: Any) -> tuple[Any, Any]:
        pair(self, input, "images and grids")
        images, grids = input if input[0].ndim == 4 else (x[None] for x in input)
        fits = images.ndim == grids.ndim == 4 and len(images) == len(grids) and grids.shape[-1] == 2
        if not fits or not images.size:
            raise ValueError(f"{self}: images and grids do not fit: {arrays.describe(list(input))}")
        return images, grids
