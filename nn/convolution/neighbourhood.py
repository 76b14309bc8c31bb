"""Weighted sums over the neighbourhood of every pixel and over all planes: what the normalisations share."""

from __future__ import annotations

from typing import Any, Self

from torch7 import arrays

from .. import utils
from ..module import Module
from ..simple.replicate import Replicate
from . import tables
from .sizes import batch_of
from .spatial_convolution import SpatialConvolution
from .spatial_convolution_map import SpatialConvolutionMap
from .spatial_padding import SpatialZeroPadding


class Neighbourhood(Module):
    """Base of normalisations with an averaging ``kernel`` of one dimension (both of a product) or two."""

    _transient = ("flow",)

    def setKernel(self, nInputPlane: int | None, kernel: Any) -> None:
        """Keep a copy of ``kernel``, 9 x 9 ones by default; ``ValueError`` unless its sizes are odd."""
        xp = arrays.module_of(self._type)
        self.nInputPlane = 1 if nInputPlane is None else nInputPlane
        self.kernel = xp.ones((9, 9), self._dtype) if kernel is None else xp.array(kernel, self._dtype)
        if self.kernel.ndim not in (1, 2) or any(size % 2 == 0 for size in self.kernel.shape):
            raise ValueError(
                f"averaging kernel must be 2D or 1D with odd dimensions, got {arrays.describe(self.kernel)}"
            )

    def sums(self) -> list[Module]:
        """Modules that compute the weighted sum, the same for all planes; the border counts as zero."""
        n, kernel = self.nInputPlane, self.kernel
        kH, kW = kernel.shape if kernel.ndim == 2 else kernel.shape * 2
        border = SpatialZeroPadding(kW // 2, kW // 2, kH // 2, kH // 2)
        if kernel.ndim == 2:
            convolutions = [SpatialConvolution(n, 1, kW, kH)]
        else:
            convolutions = [SpatialConvolutionMap(tables.oneToOne(n), kW, 1), SpatialConvolution(n, 1, 1, kH)]
            convolutions[1].weight[...] = kernel[:, None]
        convolutions[0].weight[...] = kernel
        for convolution in convolutions:
            convolution.bias.fill(0)
        return [border, *convolutions, Replicate(n, 1, 3)]

    def coefficients(self, input: Any) -> Any:
        """``coef``: the sum for an image of ones of this size, less than elsewhere at the border."""
        batch_of(self, input, self.nInputPlane, 2)
        planes, height, width = shape = input.shape[-3:]
        if self.coef.shape != (planes, 1, height, width) or self.coef.dtype != self._dtype:
            ones = arrays.array_module(input).ones(shape, self._dtype)
            self.coef = self.meanestimator.updateOutput(ones).copy()
        return self.coef.reshape(shape)

    def buffer(self, name: str, like: Any) -> Any:
        """The field ``name`` as a buffer of the shape of ``like``, with a dimension before the last two."""
        *lead, height, width = like.shape
        value = self.resized(vars(self).get(name), (*lead, 1, height, width))
        setattr(self, name, value)
        return value.reshape(like.shape)

    def type(self, type: str | None = None, tensorCache: dict | None = None) -> Any:
        """As :meth:`nn.Module.type`; ``coef`` is computed anew, so that it has the precision of the new type."""
        if type is not None and type != self._type:
            utils.clear(self, "coef")
        return super().type(type, tensorCache)

    def clearState(self) -> Self:
        fields = ("localsums", "adjustedsums", "localstds", "adjustedstds", "thresholdedstds", "coef", "ones", "_coef")
        utils.clear(self, [name for name in fields if name in vars(self)])
        self.meanestimator.clearState()
        return super().clearState()
