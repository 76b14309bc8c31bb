from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

import nn
from dpnn.resampling import add_back, resample
from nn.numbers import Real, Whole
from torch7 import arrays, registry

SIZES, RATIOS, DIMS = Whole(owidth=1, oheight=1), Real("rwidth", "rheight"), Whole(yDim=1, xDim=1)
MODES = {"simple": 0, "average": 1, "bilinear": 2}
KEYS = ("rwidth", "rheight", "owidth", "oheight", "mode", "yDim", "xDim")


@nn.register
class SpatialReSamplingEx(nn.Module):
    """Images of another size: repeated or left out pixels, means of blocks, or bilinear interpolation.

    ``config``, a dict or keywords: ``owidth`` and ``oheight``, or ``rwidth`` and ``rheight``, the new size to the old;
    ``mode``: ``'simple'`` (default), ``'average'`` for smaller images, ``'bilinear'``, corner to corner; ``yDim`` (2)
    and ``xDim`` (3), the dimensions, from 1, of rows and columns, which follow one another. In the first two modes a
    pixel becomes ``ceil(new / old)`` pixels, and ``floor(old / new)`` pixels become one. Input of any rank; output has
    the new size in the two dimensions. ``ValueError`` where one grows while the other shrinks. Source: nnx.
    """

    rwidth = rheight = owidth = oheight = None
    mode, yDim, xDim = "simple", 2, 3

    def __init__(self, config: dict[str, Any] | None = None, **settings: Any) -> None:
        super().__init__()
        given = {**(config or {}), **settings}
        sized = {"owidth", "oheight"} <= given.keys() or {"rwidth", "rheight"} <= given.keys()
        if given.keys() - set(KEYS) or not sized:
            raise TypeError(f"nn.SpatialReSamplingEx: a size or ratios of {', '.join(KEYS)}, got {sorted(given)}")
        for name in KEYS:
            setattr(self, name, given.get(name, getattr(type(self), name)))
        if self.mode not in MODES:
            raise ValueError(f"nn.SpatialReSamplingEx: mode must be {' | '.join(MODES)}, got {self.mode!r}")
        self.mode_c = MODES[self.mode]
        self._dims()

    def updateOutput(self, input: Any) -> Any:
        shape = self._shape(input)
        output = self.resizeOutput(input, shape)
        x, y = self._planes(input), self._planes(output)
        if self.mode == "bilinear":
            resample(x, y)
        elif y.shape[-1] >= x.shape[-1]:
            rows, columns = (repeats(*sizes) for sizes in zip(x.shape[-2:], y.shape[-2:]))
            y[...] = x[..., rows[:, None], columns]
        elif self.mode == "average":
            blocks, count = blocked(x, y)
            arrays.array_module(x).sum(blocks, (-3, -1), out=y)
            y /= count
        else:
            y[...] = every(x, y)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        shape = self._shape(input)
        gradInput = self.resizeGradInput(input, gradOutput)
        gradInput.fill(0)
        dx, g = self._planes(gradInput), self._planes(self.gradOutputAs(gradOutput, shape))
        xp = arrays.array_module(g)
        if self.mode == "bilinear":
            add_back(dx, g)
        elif g.shape[-1] >= dx.shape[-1]:
            for axis in (-1, -2):
                groups = repeats(dx.shape[axis], g.shape[axis])
                starts = np.searchsorted(groups, np.arange(groups[-1] + 1))
                g = xp.add.reduceat(g, xp.asarray(starts), axis)
            dx[..., : g.shape[-2], : g.shape[-1]] = g
        elif self.mode == "average":
            blocks, count = blocked(dx, g)
            blocks += (g / count)[..., :, None, :, None]
        else:
            every(dx, g)[...] = g
        return gradInput

    def _dims(self) -> tuple[int, int]:
        """The 0-based dimensions of rows and columns."""
        y, x = DIMS(self)
        if y + 1 != x:
            raise ValueError(f"{registry.class_name(type(self))}: yDim must be xDim - 1, got {y} and {x}")
        return y - 1, x - 1

    def _planes(self, x: Any) -> Any:
        """A view with rows and columns behind all other dimensions."""
        return arrays.array_module(x).moveaxis(x, self._dims(), (-2, -1))

    def _shape(self, input: Any) -> tuple[int, ...]:
        self.checkType(input)
        (y, x), shape = self._dims(), list(input.shape)
        if len(shape) <= x or not input.size:
            raise ValueError(f"{self}: there are no dimensions {y + 1} and {x + 1} in {arrays.describe(input)}")
        H, W = shape[y], shape[x]
        if self.owidth is None or self.oheight is None:
            width, height = RATIOS(self)
            size = int(np.floor(height * H + 0.5)), int(np.floor(width * W + 0.5))
        else:
            size = SIZES(self)[::-1]
        if min(size) < 1:
            raise ValueError(f"{self}: nothing is left of {arrays.describe(input)}")
        if (size[0] >= H) != (size[1] >= W):
            raise ValueError(f"{self}: cannot upsample one dimension while downsampling the other: {H}x{W} to {size}")
        shape[y], shape[x] = size
        return tuple(shape)


@lru_cache(64)
def repeats(size: int, new: int) -> np.ndarray:
    """The old place of every new one, where each is repeated ``ceil(new / size)`` times."""
    return np.arange(new) // -(-new // size)


def blocked(x: Any, y: Any) -> tuple[Any, int]:
    """A view of ``x`` as blocks, ``... x oH x dH x oW x dW``, and the number of pixels of one."""
    (H, W), (oH, oW) = x.shape[-2:], y.shape[-2:]
    dH, dW = H // oH, W // oW
    a, b = x.strides[-2:]
    shape, strides = (*x.shape[:-2], oH, dH, oW, dW), (*x.strides[:-2], dH * a, a, dW * b, b)
    return arrays.array_module(x).lib.stride_tricks.as_strided(x, shape, strides), dH * dW


def every(x: Any, y: Any) -> Any:
    """The view of the pixels of ``x`` that are kept."""
    (H, W), (oH, oW) = x.shape[-2:], y.shape[-2:]
    dH, dW = H // oH, W // oW
    return x[..., : oH * dH : dH, : oW * dW : dW]


registry.lacking(SpatialReSamplingEx, yDim=2, xDim=3)


@registry.upgrade(SpatialReSamplingEx)
def _upgrade(module: SpatialReSamplingEx, fields: dict) -> None:
    """Files hold the mode as a number too; the sizes of the last input go."""
    names = {number: name for name, number in MODES.items()}
    if fields.get("mode") not in MODES:
        fields["mode"] = names.get(fields.get("mode_c"), "simple")
    for name in ("inputSize", "outputSize", "iheight", "iwidth", "oheightCurrent", "owidthCurrent"):
        fields.pop(name, None)
