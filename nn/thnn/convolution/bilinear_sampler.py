"""Images read at places between pixels; images have their channels last."""

from __future__ import annotations

from math import floor
from typing import Any

from ..cpu.runtime.jit import inner
from ..cpu.runtime.partition import ranged

#: Nanoseconds of a channel at a place.
PLACE = 2.0


@inner
def _corner(size, at):
    """The pixel before the place ``at`` from -1 to 1, two beyond an end where it lies outside, and the rest."""
    x = (at + 1) * (size - 1) / 2
    if not -2 < x < size + 1:  # beyond both neighbours, or not a number
        return -2, x - x
    first = floor(x)
    return first, x - first


@inner
def _read(image, row, column, share, y):
    if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
        for c in range(len(y)):
            y[c] += share * image[row, column, c]


@ranged
def _sample(low, high, images, grids, y):
    one, places = images.dtype.type(1), grids.shape[1]
    for job in range(low, high):
        n, place = job // places, job % places
        image = images[n if len(images) > 1 else 0]
        (top, fy), (left, fx) = _corner(image.shape[0], grids[n, place, 0]), _corner(image.shape[1], grids[n, place, 1])
        out = y[n, place]
        out[:] = 0
        _read(image, top, left, (one - fy) * (one - fx), out)
        _read(image, top, left + 1, (one - fy) * fx, out)
        _read(image, top + 1, left, fy * (one - fx), out)
        _read(image, top + 1, left + 1, fy * fx, out)


@inner
def _add(image, gradient, row, column, share, g):
    """Add the gradient of one neighbour; returns the product of ``g`` and the neighbour."""
    dot = image.dtype.type(0)
    if 0 <= row < image.shape[0] and 0 <= column < image.shape[1]:
        for c in range(len(g)):
            gradient[row, column, c] += share * g[c]
            dot += image[row, column, c] * g[c]
    return dot


@inner
def _back(image, gradient, grid, gradGrid, g):
    """The gradients of one place."""
    one, (H, W) = image.dtype.type(1), image.shape[:2]
    (top, fy), (left, fx) = _corner(H, grid[0]), _corner(W, grid[1])
    a = _add(image, gradient, top, left, (one - fy) * (one - fx), g)
    b = _add(image, gradient, top, left + 1, (one - fy) * fx, g)
    c = _add(image, gradient, top + 1, left, fy * (one - fx), g)
    d = _add(image, gradient, top + 1, left + 1, fy * fx, g)
    gradGrid[0] = ((c - a) * (one - fx) + (d - b) * fx) * image.dtype.type((H - 1) / 2)
    gradGrid[1] = ((b - a) * (one - fy) + (d - c) * fy) * image.dtype.type((W - 1) / 2)


@ranged
def _gradients(low, high, images, gradients, grids, gradGrids, g):
    for sample in range(low, high):
        shared = len(images) == 1
        for n in range(len(grids)) if shared else range(sample, sample + 1):
            image = 0 if shared else n
            for place in range(grids.shape[1]):
                _back(images[image], gradients[image], grids[n, place], gradGrids[n, place], g[n, place])


def BilinearSampler_updateOutput(images: Any, grids: Any, output: Any) -> None:
    """``output`` is ``N x P x C``; images ``N x H x W x C``, or one for all; grids ``N x P x 2``."""
    count = grids.shape[0] * grids.shape[1]
    _sample(count, PLACE * output.size, images, grids, output)


def BilinearSampler_updateGradInput(images: Any, grids: Any, gradOutput: Any, gradImages: Any, gradGrids: Any) -> None:
    """``gradImages`` is added to, ``gradGrids`` set."""
    _gradients(len(images), PLACE * gradOutput.size, images, gradImages, grids, gradGrids, gradOutput)
