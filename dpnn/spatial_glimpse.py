from __future__ import annotations

from typing import Any

import numpy as np

import nn
from torch7 import TorchObject, arrays, registry

from .resampling import add_back, resample


@nn.register
class SpatialGlimpse(nn.Module):
    """Looks at a place of an image sharply and at its surroundings less and less so.

    Input ``{image, location}``: ``N x C x H x W`` (or one image) and ``N x 2`` (or 2), rows ``(y, x)`` from (-1, -1),
    top left, to (1, 1), bottom right. Output: ``N x (depth C) x height x width``: patches around the location, each
    ``scale`` times as large as the one before, all reduced to the size of the first; the image is 0 outside. There is
    no gradient for the location.

    ``size``: the first patch, a number or ``{height, width}``; ``depth`` (3): the number of patches; ``scale`` (2).
    With scale 2 patches are reduced by averages, otherwise by bilinear resampling, or by another module set as
    ``module``. Sizes that do not fit raise
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

    def _t7_fields(self) -> dict:
        """Lua's glimpse runs a module that reduces the patches."""
        if self.scale == 2:
            module = nn.SpatialAveragePooling(2, 2, 2, 2).type(self._type)
        else:
            fields = {name: arrays.empty(self._type) for name in ("output", "gradInput")}
            sizes = {"_type": self._type, "oheight": self.height, "owidth": self.width}
            module = TorchObject("nn.SpatialReSampling", fields | sizes)
        return {"module": module, "modules": [module]} | vars(self)

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
            canvas, inside = bordered(images, size)
            canvas[inside] = images
            self._reduce(canvas[windows(images, locations, size)].transpose(0, 3, 1, 2), planes[:, d])
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> list:
        images, locations = self._batch(input)
        self.checkType(gradOutput, "gradOutput")
        n, c = images.shape[:2]
        gradients = self.gradOutputAs(gradOutput, self.output)
        gradients = gradients.reshape(n, self.depth, c, self.height, self.width)
        held = self.gradInput if nn.utils.is_table(self.gradInput) and self.gradInput else [None, None]
        self.gradInput = [self.resized(buffer, x.shape, *input, gradOutput) for buffer, x in zip(held, input)]
        nn.utils.recursiveFill(self.gradInput, 0)
        gradImages = self.gradInput[0].reshape(images.shape)
        for d, size in enumerate(self.sizes()):
            patches = arrays.array_module(images).empty((n, c, *size), images.dtype)
            self._spread(gradients[:, d], patches)
            canvas, inside = bordered(images, size)
            canvas[windows(images, locations, size)] = patches.transpose(0, 2, 3, 1)
            gradImages += canvas[inside]
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

    def _other(self) -> Any:
        """A module that reduces patches in place of the usual one, or None."""
        module = vars(self).get("module")
        usual = "nn.SpatialAveragePooling" if self.scale == 2 else "nn.SpatialReSampling"
        return module if isinstance(module, nn.Module) and registry.class_name(type(module)) != usual else None

    def _reduce(self, patches: Any, output: Any) -> None:
        if patches.shape == output.shape:
            output[...] = patches
        elif self._other() is not None:
            output[...] = self._other().updateOutput(patches)
        elif self.scale == 2:
            self._blocks(patches).mean((3, 5), out=output)
        else:
            resample(patches, output)

    def _spread(self, gradients: Any, patches: Any) -> None:
        """Fill ``patches`` with the gradient of :meth:`_reduce`."""
        if patches.shape == gradients.shape:
            patches[...] = gradients
        elif self._other() is not None:
            patches[...] = self._other().updateGradInput(patches, gradients)
        elif self.scale == 2:
            self._blocks(patches)[...] = gradients[:, :, :, None, :, None] * (gradients.size / max(patches.size, 1))
        else:
            patches.fill(0)
            add_back(patches, gradients)

    def _blocks(self, patches: Any) -> Any:
        n, c, h, w = patches.shape
        return patches.reshape(n, c, self.height, h // self.height, self.width, w // self.width)


def margins(extent: int, length: int) -> tuple[int, int]:
    """The zeros before and behind an image in which patches of ``length`` pixels may lie."""
    border = (length - 1) // 2
    return border, max(border, length - border - extent)


def bordered(images: Any, size: tuple[int, int]) -> tuple[Any, tuple]:
    """Zeros for the images with their margins, and where the images lie in them."""
    n, c, *extents = images.shape
    around = [margins(extent, length) for extent, length in zip(extents, size)]
    shape = [extent + sum(pair) for extent, pair in zip(extents, around)]
    inside = (slice(before, before + extent) for extent, (before, _) in zip(extents, around))
    return arrays.array_module(images).zeros((n, c, *shape), images.dtype), (..., *inside)


def windows(images: Any, locations: Any, size: tuple[int, int]) -> tuple:
    """The index of the patches of ``size`` at the locations, as ``N x h x w x C``, in images with their margins."""
    xp = arrays.array_module(images)
    places = xp.fmin(1, xp.fmax(-1, locations.astype(np.float64)))
    axes = []
    for extent, length, place in zip(images.shape[2:], size, places.T):
        room = max(0, extent + 2 * ((length - 1) // 2) - length)
        first = ((place + 1) / 2 * room).astype(np.int64)
        axes.append(first[:, None] + xp.arange(length))
    rows, columns = axes
    return xp.arange(len(images))[:, None, None], slice(None), rows[:, :, None], columns[:, None, :]


@registry.upgrade(SpatialGlimpse)
def _upgrade(glimpse: SpatialGlimpse, fields: dict) -> None:
    """Old files have one ``size`` for squares."""
    size = fields.pop("size", None) if fields.get("height") is None else None
    if size is not None:
        fields["height"], fields["width"] = (size, size) if isinstance(size, int) else size
