from __future__ import annotations

from ..extension import register
from ..numbers import Whole
from .convolution_base import Convolution, Sizes
from .sizes import following, set_sizes, set_window


@register
class VolumetricConvolution(Convolution):
    """:class:`SpatialConvolution` with a third dimension, time or depth.

    Input: ``nInputPlane x T x H x W`` or ``N x nInputPlane x T x H x W``; output ``nOutputPlane x oT x oH x oW``, ``oT
    = floor((T + 2 padT - kT) / dT) + 1``. Arguments come in the order T, W, H, tensors in the order T, H, W: kernel
    ``kT, kW, kH``, strides ``dT, dW, dH`` (default 1), border ``padT`` (0), ``padW`` (padT), ``padH`` (padW).
    ``weight`` is ``nOutputPlane x nInputPlane x kT x kH x kW``. ``ValueError`` for another number of dimensions or
    planes, ``TypeError`` for another type. Source: manual chapter "convolution".
    """

    dims = 3
    numbers = Whole(nInputPlane=1, nOutputPlane=1, kT=1, kW=1, kH=1, dT=1, dW=1, dH=1, padT=0, padW=0, padH=0)

    def __init__(
        self,
        nInputPlane: int,
        nOutputPlane: int,
        kT: int,
        kW: int,
        kH: int,
        dT: int | None = None,
        dW: int | None = None,
        dH: int | None = None,
        padT: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
    ) -> None:
        super().__init__()
        self.nInputPlane, self.nOutputPlane = nInputPlane, nOutputPlane
        set_window(self, (kT, kW, kH), (dT, dW, dH), following(padT, padW, padH))
        self.makeParameters()

    def kernel(self) -> Sizes:
        return self.kT, self.kH, self.kW

    def stride(self) -> Sizes:
        return self.dT, self.dH, self.dW

    def pad(self) -> Sizes:
        return self.padT, self.padH, self.padW

    def __tostring__(self) -> str:
        return self.text((self.stride(), (1, 1, 1)), (self.pad(), (0, 0, 0)))


@register
class VolumetricDilatedConvolution(VolumetricConvolution):
    """:class:`VolumetricConvolution` with a kernel whose voxels are ``dilationT, dilationW, dilationH`` apart (1).

    Errors as there. Source: manual chapter "convolution".
    """

    numbers = Whole(**VolumetricConvolution.numbers.least, dilationT=1, dilationW=1, dilationH=1)

    def __init__(
        self,
        nInputPlane: int,
        nOutputPlane: int,
        kT: int,
        kW: int,
        kH: int,
        dT: int | None = None,
        dW: int | None = None,
        dH: int | None = None,
        padT: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
        dilationT: int | None = None,
        dilationW: int | None = None,
        dilationH: int | None = None,
    ) -> None:
        set_sizes(self, "dilation", (dilationT, dilationW, dilationH), 1)
        super().__init__(nInputPlane, nOutputPlane, kT, kW, kH, dT, dW, dH, padT, padW, padH)

    def dilation(self) -> Sizes:
        return self.dilationT, self.dilationH, self.dilationW

    def __tostring__(self) -> str:
        pads = [(self.pad(), None)] if self.pad() != (0, 0, 0) else []
        strides = [(self.stride(), None)] if pads or self.stride() != (1, 1, 1) else []
        text = self.text(*strides, *pads, (self.dilation(), None))
        return text if self.bias is not None else f"{text} without bias"
