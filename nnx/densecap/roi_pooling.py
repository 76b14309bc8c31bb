"""Features of regions of one image, read by bilinear interpolation."""

from __future__ import annotations

from typing import Any

import nn
from nn.numbers import Whole
from nnx.parts import Net
from nnx.stn.affine_grid_generator_bhwd import AffineGridGeneratorBHWD
from nnx.stn.bilinear_sampler_bhwd import BilinearSamplerBHWD, Sampler
from nnx.tables import pair
from torch7 import arrays

SIZE, IMAGE = Whole(height=2, width=2), Whole(H=2, W=2)


@nn.register
class BatchBilinearSamplerBHWD(Sampler):
    """One image read at several grids of places: :class:`nn.BilinearSamplerBHWD` with the image for all samples.

    Input ``{image, grids}``: ``H x W x C`` and ``N x h x w x 2``; output ``N x h x w x C``. ``ValueError`` for other
    shapes. Source: densecap.
    """

    def batch(self, input: Any) -> tuple[Any, Any]:
        image, grids = pair(self, input, "an image and grids")
        if image.ndim != 3 or grids.ndim != 4 or grids.shape[-1] != 2 or not image.size:
            raise ValueError(f"{self}: image and grids do not fit: {arrays.describe(list(input))}")
        return image[None], grids


@nn.register
class NaiveBatchBilinearSamplerBHWD(BatchBilinearSamplerBHWD):
    """The same as :class:`BatchBilinearSamplerBHWD`; densecap's repeats the image. Source: densecap."""

    def __init__(self) -> None:
        super().__init__()
        self.sampler = BilinearSamplerBHWD()


@nn.register
class BoxToAffine(nn.Module):
    """Boxes as affine matrices over an image of H x W pixels: what AffineGridGeneratorBHWD looks at the box with.

    ``[[h / H, 0, (2 yc - H - 1) / (H - 1)], [0, w / W, (2 xc - W - 1) / (W - 1)]]``. Input: ``B x 4``, rows (xc, yc, w,
    h); output ``B x 2 x 3``. ``setSize(H, W)`` gives the image. ``ValueError`` without it and for other shapes. Source:
    densecap.
    """

    H: int | None = None
    W: int | None = None

    def setSize(self, H: int, W: int) -> BoxToAffine:
        """Set the size of the image that boxes are of; returns the module."""
        self.H, self.W = H, W
        return self

    def updateOutput(self, input: Any) -> Any:
        H, W = self._size(input)
        output = self.resizeOutput(input, (len(input), 2, 3))
        output.fill(0)
        output[:, 0, 0], output[:, 1, 1] = input[:, 3] / H, input[:, 2] / W
        output[:, 0, 2] = (2 * input[:, 1] - (1 + H)) / (H - 1)
        output[:, 1, 2] = (2 * input[:, 0] - (1 + W)) / (W - 1)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        H, W = self._size(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        g = self.gradOutputAs(gradOutput, (len(input), 2, 3))
        gradInput[:, 0], gradInput[:, 1] = g[:, 1, 2] * (2 / (W - 1)), g[:, 0, 2] * (2 / (H - 1))
        gradInput[:, 2], gradInput[:, 3] = g[:, 1, 1] / W, g[:, 0, 0] / H
        return gradInput

    def _size(self, input: Any) -> tuple[int, int]:
        self.checkType(input)
        if input.ndim != 2 or input.shape[1] != 4:
            raise ValueError(f"{self}: input must be B x 4, got {arrays.describe(input)}")
        if self.H is None or self.W is None:
            raise ValueError(f"{self}: call setSize before forward")
        return IMAGE(self)


@nn.register
class BilinearRoiPooling(Net):
    """The features of boxes, ``height x width`` of each, by bilinear interpolation.

    Input ``{features, boxes}``: ``C x H x W`` and ``B x 4``, rows (xc, yc, w, h) in pixels, from 1, of the image that
    ``setImageSize(height, width)`` gives; output ``B x C x height x width``. Gradients for both. ``ValueError`` for
    other shapes, and without a size of the image. Source: densecap.
    """

    def __init__(self, height: int, width: int) -> None:
        super().__init__()
        self.height, self.width = height, width
        SIZE(self)
        self.box_to_affine = BoxToAffine()
        boxes = nn.Sequential().add(self.box_to_affine).add(AffineGridGeneratorBHWD(height, width))
        both = nn.ParallelTable().add(nn.Transpose([1, 2], [2, 3])).add(boxes)
        self.net = nn.Sequential().add(both).add(BatchBilinearSamplerBHWD()).add(nn.Transpose([3, 4], [2, 3]))
        self.image_height: int | None = None
        self.image_width: int | None = None

    def setImageSize(self, image_height: int, image_width: int) -> BilinearRoiPooling:
        """Set the size of the image that boxes are of; returns the module."""
        self.image_height, self.image_width = image_height, image_width
        return self

    def updateOutput(self, input: Any) -> Any:
        features, boxes = pair(self, input, "features and boxes")
        if features.ndim != 3 or boxes.ndim != 2 or boxes.shape[1] != 4:
            raise ValueError(f"{self}: features must be C x H x W, boxes B x 4: {arrays.describe(list(input))}")
        height, width = vars(self).get("image_height"), vars(self).get("image_width")
        if height is None or width is None:
            raise ValueError(f"{self}: call setImageSize before forward")
        self.box_to_affine.setSize(height, width)
        return super().updateOutput(input)
