from __future__ import annotations

from typing import Any

import numpy as np

from torch7 import arrays, registry

from .. import thnn
from ..extension import register
from ..module import Module
from ..numbers import Whole
from .axes_gather import AxesGather, filled
from .sizes import volumes

SCALE, PLANE, VOLUME = Whole(scale_factor=1), Whole(oheight=1, owidth=1), Whole(odepth=1, oheight=1, owidth=1)


def checked_scale(scale: Any) -> int:
    """``scale`` as an int; ``ValueError`` unless it is an integer of 1 or more."""
    if scale < 1:
        raise ValueError(f"scale_factor must be greater than 1, got {scale}")
    if int(scale) != scale:
        raise ValueError(f"scale_factor must be integer, got {scale}")
    return int(scale)


def nearest(sizes: tuple[int, ...], scale: int) -> list[np.ndarray]:
    """Every position of every axis, ``scale`` times over."""
    if scale == 1:
        raise ValueError("scale_factor must be greater than 1, but got: 1")
    return [np.repeat(np.arange(size), scale) for size in sizes]


def linear(size: int, out: int, dtype: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each of ``out`` positions its neighbours below and above among ``size``, and the weight of the one above.

    The first and last positions coincide; positions are rounded to float32.
    """
    ratio = np.float32(size - 1) / np.float32(out - 1) if out > 1 else np.float32(0)
    places = ratio * np.arange(out, dtype=np.float32)
    below = places.astype(np.int64)
    return below, np.minimum(below + 1, size - 1), (places - below.astype(np.float32)).astype(dtype)


class LinearUpSampling(Module):
    """Base of linear interpolations: from the output size to kernels."""

    oheight: int | None = None
    owidth: int | None = None
    odepth: int | None = None

    def sizes(self, input: Any) -> tuple[int, ...]:
        """The size that the last axes of ``input`` are interpolated to."""
        dims = input.ndim - (2 if input.ndim > 3 else 1)
        if vars(self).get("scale_factor") is not None:
            (scale,) = SCALE(self)
            return tuple(size * scale for size in input.shape[-dims:])
        if dims == 2:
            return PLANE(self)
        if self.odepth is None:
            raise ValueError("No output depth dimension was supplied for volumetric upsampling")
        return VOLUME(self)

    def interpolate(self, input: Any, sizes: tuple[int, ...]) -> Any:
        """``output``: the last axes of ``input`` interpolated to ``sizes``."""
        dims = len(sizes)
        if not input.size:
            raise ValueError(f"{self}: {arrays.describe(input)} is empty")
        output = self.resizeOutput(input, (*input.shape[:-dims], *sizes))
        axes = self.axes(input.shape[-dims:], sizes)
        thnn.UpSamplingLinear_updateOutput(volumes(thnn.contiguous(input), dims), volumes(output, dims), *axes)
        return output

    def interpolateGradient(self, input: Any, gradOutput: Any, dims: int) -> Any:
        """``gradInput``: what :meth:`interpolate` to the size of ``output`` sends back."""
        self.checkType(gradOutput, "gradOutput")
        if gradOutput.ndim != input.ndim:
            raise ValueError(
                f"{self}: Input and gradOutput should be of same dimension, "
                f"got {arrays.describe(input)} and {arrays.describe(gradOutput)}"
            )
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, (*input.shape[:-dims], *self.sizes(input))))
        gradInput = self.resizeGradInput(input, gradOutput)
        axes = self.axes(input.shape[-dims:], gradOutput.shape[-dims:])
        thnn.UpSamplingLinear_updateGradInput(volumes(gradOutput, dims), volumes(gradInput, dims), *axes)
        return gradInput

    def axes(self, sizes: tuple[int, ...], out: tuple[int, ...]) -> list[np.ndarray]:
        """Neighbours and weights for three axes; those in front that are missing have one position."""
        missing = 3 - len(sizes)
        triples = [linear(s, o, self._dtype) for s, o in zip((1,) * missing + sizes, (1,) * missing + out)]
        return [array for triple in triples for array in triple]


@register
class SpatialUpSamplingNearest(AxesGather):
    """Planes enlarged ``scale`` times by repeating every pixel.

    Input: ``C x H x W`` or ``N x C x H x W``; output ``C x (H scale) x (W scale)``. ``scale``: an integer of 2 or more.
    ``ValueError`` for another scale and for an input without 3 or 4 dimensions, ``TypeError`` for another type. Source:
    manual chapter "convolution".
    """

    def __init__(self, scale: int) -> None:
        super().__init__()
        self.scale_factor = checked_scale(scale)

    def check(self, input: Any) -> int:
        if input.ndim not in (3, 4):
            raise ValueError(f"{self} only supports 3D or 4D tensors, got {arrays.describe(input)}")
        return 2

    def sources(self, sizes: tuple[int, ...]) -> list[np.ndarray]:
        return nearest(sizes, *SCALE(self))


@register
class SpatialUpSamplingBilinear(LinearUpSampling):
    """Planes enlarged by bilinear interpolation, corner to corner.

    Input: ``C x H x W`` or ``N x C x H x W``. ``scale``: an integer of 1 or more for the output ``C x (H scale) x (W
    scale)``, or a dict ``{"oheight": ..., "owidth": ...}`` of its size. ``ValueError`` for another scale and for an
    input without 3 or 4 dimensions, ``TypeError`` for another type. Source: manual chapter "convolution".
    """

    def __init__(self, scale: Any) -> None:
        super().__init__()
        if isinstance(scale, dict):
            self.oheight, self.owidth = output_size(scale)
            PLANE(self)
        else:
            self.scale_factor = checked_scale(scale)

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim not in (3, 4):
            raise ValueError(f"{self} only supports 3D or 4D tensors, got {arrays.describe(input)}")
        return self.interpolate(input, self.sizes(input))

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        return self.interpolateGradient(input, gradOutput, 2)

    def __tostring__(self) -> str:
        scale = vars(self).get("scale_factor")
        return f"{registry.class_name(type(self))}({scale or f'{self.oheight}, {self.owidth}'})"


def output_size(size: dict) -> tuple[int, int]:
    """Height and width of a dict; ``ValueError`` where one is missing."""
    if size.get("oheight") is None or size.get("owidth") is None:
        raise ValueError(f"Output height and width parameters are required, got {size}")
    return size["oheight"], size["owidth"]


@register
class UpSampling(LinearUpSampling):
    """Planes or volumes enlarged by repeating pixels, or by linear interpolation from corner to corner.

    Input: ``N x C x H x W`` or ``N x C x T x H x W``. ``scale``: an integer, or for linear a dict of the output size
    with keys ``oheight``, ``owidth`` and for volumes ``odepth``. ``mode``: ``'linear'`` (or ``'bilinear'``,
    ``'trilinear'``), otherwise ``'nearest'``. ``ValueError`` for another scale and for an input without 4 or 5
    dimensions, ``TypeError`` for another type. Source: manual chapter "convolution".
    """

    def __init__(self, scale: Any, mode: str | None = None) -> None:
        super().__init__()
        self.mode = "linear" if mode in ("linear", "bilinear", "trilinear") else "nearest"
        if not isinstance(scale, dict):
            self.scale_factor = checked_scale(scale)
        elif self.mode == "nearest":
            raise ValueError("Nearest neighbour upsampling requires a scale_factor")
        else:
            self.oheight, self.owidth = output_size(scale)
            self.odepth = scale.get("odepth")
            PLANE(self)

    def updateOutput(self, input: Any) -> Any:
        self.checkType(input)
        if input.ndim not in (4, 5):
            raise ValueError(f"UpSampling only supports 4D or 5D tensors, got {arrays.describe(input)}")
        dims = input.ndim - 2
        if self.mode == "linear":
            return self.interpolate(input, self.sizes(input))
        sources = self.nearestSources(input)
        output = self.resizeOutput(input, (*input.shape[:-dims], *map(len, sources[3 - dims :])))
        thnn.AxesGather_updateOutput(volumes(thnn.contiguous(input), dims), volumes(output, dims), *sources)
        return output

    def updateGradInput(self, input: Any, gradOutput: Any) -> Any:
        self.checkType(gradOutput, "gradOutput")
        dims = input.ndim - 2
        if self.mode == "linear":
            return self.interpolateGradient(input, gradOutput, dims)
        if gradOutput.ndim != input.ndim:
            raise ValueError("Input and gradOutput should be of same dimension")
        sources = self.nearestSources(input)
        shape = (*input.shape[:-dims], *map(len, sources[3 - dims :]))
        gradOutput = thnn.contiguous(self.gradOutputAs(gradOutput, shape))
        gradInput = self.resizeGradInput(input, gradOutput)
        thnn.AxesGather_updateGradInput(volumes(gradOutput, dims), volumes(gradInput, dims), *sources)
        return gradInput

    def nearestSources(self, input: Any) -> list[np.ndarray]:
        """The sources of three axes."""
        return filled(nearest(input.shape[2:], *SCALE(self)))

    def __tostring__(self) -> str:
        scale = vars(self).get("scale_factor")
        sizes = [self.odepth, self.oheight, self.owidth] if not scale else []
        text = f"{scale}x" if scale else "x".join(str(s) for s in sizes if s is not None)
        return f"{registry.class_name(type(self))}({text}, {self.mode})"
