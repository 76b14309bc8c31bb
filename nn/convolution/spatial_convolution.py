from __future__ import annotations

from torch7 import registry

from ..extension import register
from ..numbers import Whole
from .convolution_base import Convolution, Sizes
from .sizes import following, set_sizes, set_window


@register
class SpatialConvolution(Convolution):
    """A convolution of planes (without flipping the kernel):

    ``output[o, y, x] = bias[o] + sum over i, a, b of weight[o, i, a, b] * input[i, y dH - padH + a, x dW - padW + b]``

    Input: ``nInputPlane x H x W`` or ``N x nInputPlane x H x W``, taken as zero outside; output
    ``nOutputPlane x oH x oW``, ``oW = floor((W + 2 padW - kW) / dW) + 1``. ``kW x kH`` is the kernel, ``dW``, ``dH``
    the strides (default 1), ``padW`` (0) and ``padH`` (padW) the border, all in pixels and width first. ``weight`` is
    ``nOutputPlane x nInputPlane x kH x kW``. An image smaller than the kernel raises ``ValueError``, as do numbers that
    are not whole and positive (borders: not negative). Source: manual chapter "convolution".
    """

    numbers = Whole(nInputPlane=1, nOutputPlane=1, kW=1, kH=1, dW=1, dH=1, padW=0, padH=0)

    def __init__(
        self,
        nInputPlane: int,
        nOutputPlane: int,
        kW: int,
        kH: int,
        dW: int | None = None,
        dH: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
    ) -> None:
        super().__init__()
        self.nInputPlane, self.nOutputPlane = nInputPlane, nOutputPlane
        set_window(self, (kW, kH), (dW, dH), following(padW, padH))
        self.makeParameters()

    def kernel(self) -> Sizes:
        return self.kH, self.kW

    def stride(self) -> Sizes:
        return self.dH, self.dW

    def pad(self) -> Sizes:
        return self.padH, self.padW

    def __tostring__(self) -> str:
        text = self.text((self.stride(), (1, 1)), (self.pad(), (0, 0)))
        return text if self.bias is not None else f"{text} without bias"


@register
class SpatialConvolutionMM(SpatialConvolution):
    """:class:`SpatialConvolution` with its ``weight`` kept as a matrix, ``nOutputPlane x (nInputPlane kH kW)``.

    Errors as there. Source: manual chapter "convolution".
    """

    def weightShape(self) -> Sizes:
        return self.nOutputPlane, self.nInputPlane * self.kH * self.kW


@register
class SpatialDilatedConvolution(SpatialConvolution):
    """:class:`SpatialConvolution` with a kernel whose pixels are ``dilationW, dilationH`` apart (default 1).

    The kernel spans ``dilationW (kW - 1) + 1`` columns, which takes the place of ``kW`` in the output size. Errors as
    :class:`SpatialConvolution`. Source: Yu and Koltun, Multi-Scale Context Aggregation by Dilated Convolutions (2016);
    manual chapter "convolution".
    """

    numbers = Whole(**SpatialConvolution.numbers.least, dilationW=1, dilationH=1)

    def __init__(
        self,
        nInputPlane: int,
        nOutputPlane: int,
        kW: int,
        kH: int,
        dW: int | None = None,
        dH: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
        dilationW: int | None = None,
        dilationH: int | None = None,
    ) -> None:
        set_sizes(self, "dilation", (dilationW, dilationH), 1)
        super().__init__(nInputPlane, nOutputPlane, kW, kH, dW, dH, padW, padH)

    def dilation(self) -> Sizes:
        return self.dilationH, self.dilationW

    def __tostring__(self) -> str:
        pads = [(self.pad(), None)] if self.pad() != (0, 0) else []
        strides = [(self.stride(), None)] if pads or self.stride() != (1, 1) else []
        text = self.text(*strides, *pads, (self.dilation(), None))
        return text if self.bias is not None else f"{text} without bias"


@registry.upgrade(SpatialConvolution)
def _upgrade(module: SpatialConvolution, fields: dict) -> None:
    """Old files have one ``padding`` for both sides, or none, and no strides."""
    padding = fields.pop("padding", None)
    for name, default in (("dW", 1), ("dH", 1), ("padW", padding or 0), ("padH", fields.get("padW", padding or 0))):
        if fields.get(name) is None:
            fields[name] = default
