from __future__ import annotations

from typing import Any

import nn
from torch7 import arrays

from .resampling import add_back, resample


@nn.register
class SpatialGlimpse(nn.Module):
    """Looks at a place of an image sharply and at its surroundings less and less so.

    Input ``{image, location}``: ``N x C x H x W`` (or one image) and ``N x 2`` (or 2), rows ``(y, x)`` from (-1, -1),
    top left, to (1, 1), bottom right. Output: ``N x (depth C) x height x width``: patches around the location, each
    ``scale`` times as large as the one before, all reduced to the size of the first; the image is 0 outside. There is
    no gradient for the location.

    ``size``: the first patch, a number or ``{height, width}``; ``depth`` (3): the number of patches; ``scale`` (2).
    With scale 2 patches are reduced by averages, otherwise by bilinear resampling. Sizes that do not fit raise
    ``ValueError``. Source: manual of dpnn; Mnih et al. (2014), Recurrent models of visual attention.
    """

    def __init__(self, size: Any, depth: int | None = None, scale: float | None = None) -> None:
        super().__init__()
        self.height, self.width = (size, size) if isinstance(size, int) else (int(s) for s in size)
        self.depth = 3 if depth is None else depth
        self.scale = 2 if scale is None else scale
        if min(self.height, self.width, self.depth) < 1:
            raise ValueError(f"SpatialGlimpse: size and depth must be positive, got {size} and {depth}")
        self.gradInput: list = [arrays.empty(), arrays.empty()]

    def sizes(self) -> list[tuple[int, int]]:
        """Height and width of the patches before they are reduced."""
        sizes = [(self.height, self.width)]
        for _ in range(1, self.depth):
            sizes.append(tuple(int(s * self.scale) for s in sizes[-1]))
        return sizes

    def updateOutput(self, input: Any) -> Any:
        images, locations = self._batch(input)
        n, c = images.shape[:2]
        single = input[0].ndim == 3
        shape = (self.depth * c, self.height, self.width)
        output = self.resizeOutput(input[0], shape if single else (n, *shape))
        planes = output.reshape(n, self.depth, c, self.height, self.width)
        for d, size in enumerate(self.sizes()):
            patch = arrays.array_module(images).empty((c, *size), images.dtype)
            for i in range(n):
                inside, within = window(images[i], locations[i], size)
                patch.fill(0)
                patch[within] = images[i][inside]
                self._reduce(patch, planes[i, d])
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        images, locations = self._batch(input)
        self.checkType(gradOutput, "gradOutput")
        n, c = images.shape[:2]
        gradients = self.checkGradOutput(gradOutput, self.output)
        gradients = gradients.reshape(n, self.depth, c, self.height, self.width)
        held = self.gradInput or [None, None]
        self.gradInput = [self.resized(buffer, x.shape) for buffer, x in zip(held, input)]
        nn.utils.recursiveFill(self.gradInput, 0)
        gradImages = self.gradInput[0].reshape(images.shape)
        for d, size in enumerate(self.sizes()):
            patch = arrays.array_module(images).empty((c, *size), images.dtype)
            for i in range(n):
                inside, within = window(images[i], locations[i], size)
                self._spread(gradients[i, d], patch)
                gradImages[i][inside] += patch[within]
        return self.gradInput

    def _batch(self, input: Any) -> tuple[Any, Any]:
        """The images and locations as a batch; ``ValueError`` where they do not fit each other."""
        if not isinstance(input, list | tuple) or len(input) != 2:
            raise TypeError(f"SpatialGlimpse: input must be a table of image and location: {arrays.describe(input)}")
        for x in input:
            self.checkType(x)
        images, locations = input if input[0].ndim == 4 else (x[None] for x in input)
        if images.ndim != 4 or locations.shape != (len(images), 2):
            raise ValueError(f"SpatialGlimpse: image and location do not fit: {arrays.describe(input)}")
        return images, locations

    def _reduce(self, patch: Any, output: Any) -> None:
        if patch.shape == output.shape:
            output[...] = patch
        elif self.scale == 2:
            self._blocks(patch).mean((2, 4), out=output)
        else:
            resample(patch, output)

    def _spread(self, gradient: Any, patch: Any) -> None:
        """Fill ``patch`` with the gradient of :meth:`_reduce`."""
        if patch.shape == gradient.shape:
            patch[...] = gradient
        elif self.scale == 2:
            self._blocks(patch)[...] = gradient[:, :, None, :, None] * (gradient.size / patch.size)
        else:
            patch.fill(0)
            add_back(patch, gradient)

    def _blocks(self, patch: Any) -> Any:
        c, h, w = patch.shape
        return patch.reshape(c, self.height, h // self.height, self.width, w // self.width)


def window(image: Any, location: Any, size: tuple[int, int]) -> tuple[tuple, tuple]:
    """Where a patch of ``size`` at ``location`` lies in ``image``, and where this part lies in the patch."""
    inside: list = [slice(None)]
    within: list = [slice(None)]
    for extent, length, place in zip(image.shape[1:], size, location.tolist()):
        border = (length - 1) // 2
        room = max(0, extent + 2 * border - length)
        first = int(min(room, max(0.0, (place + 1) / 2 * room))) - border
        low, high = max(0, first), min(extent, first + length)
        inside.append(slice(low, high))
        within.append(slice(low - first, high - first))
    return tuple(inside), tuple(within)
