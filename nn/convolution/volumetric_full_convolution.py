from __future__ import annotations

from torch7 import arrays, registry

from ..extension import register
from ..numbers import Whole
from .convolution_base import Sizes
from .sizes import set_sizes, set_window
from .spatial_full_convolution import FullConvolution
from .volumetric_convolution import VolumetricConvolution


@register
class VolumetricFullConvolution(FullConvolution):
    """:class:`SpatialFullConvolution` with a third dimension, time or depth.

    Input: ``nInputPlane x T x H x W`` or ``N x nInputPlane x T x H x W``; output ``nOutputPlane x oT x oH x oW``, ``oT
    = (T - 1) dT - 2 padT + kT + adjT``. Arguments come in the order T, W, H: kernel ``kT, kW, kH``, strides ``dT, dW,
    dH`` (default 1), ``padT, padW, padH`` (0) and ``adjT, adjW, adjH`` (0, fewer than the stride). ``weight`` is
    ``nInputPlane x nOutputPlane x kT x kH x kW``. The table ``[x, t]`` works as there. ``ValueError`` for another
    number of dimensions or planes, ``TypeError`` for another type. Source: manual chapter "convolution".
    """

    dims = 3
    numbers = Whole(**VolumetricConvolution.numbers.least, adjT=0, adjW=0, adjH=0)

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
        adjT: int | None = None,
        adjW: int | None = None,
        adjH: int | None = None,
    ) -> None:
        super().__init__()
        self.nInputPlane, self.nOutputPlane = nInputPlane, nOutputPlane
        set_window(self, (kT, kW, kH), (dT, dW, dH), (padT, padW, padH))
        set_sizes(self, "adj", (adjT, adjW, adjH), 0)
        self.makeParameters()

    def kernel(self) -> Sizes:
        return self.kT, self.kH, self.kW

    def stride(self) -> Sizes:
        return self.dT, self.dH, self.dW

    def pad(self) -> Sizes:
        return self.padT, self.padH, self.padW

    def adj(self) -> Sizes:
        return self.adjT, self.adjH, self.adjW

    def __tostring__(self) -> str:
        extra = [(size, None) for size in (self.pad(), self.adj()) if any(size)]
        return self.text((self.stride(), None if extra else (1, 1, 1)), *extra)


@registry.upgrade(VolumetricFullConvolution)
def _upgrade(module: VolumetricFullConvolution, fields: dict) -> None:
    """Files from before adj kept output planes first, and called the border pT, pW, pH."""
    if fields.get("adjW") is None:
        for name in ("weight", "gradWeight"):
            if getattr(fields.get(name), "ndim", 0) == 5 and not arrays.is_expanded(fields[name]):
                fields[name] = fields[name].swapaxes(0, 1).copy()
    for axis in "TWH":
        old = fields.pop(f"p{axis}", None)
        if fields.get(f"pad{axis}") is None:
            fields[f"pad{axis}"] = old or 0
        if fields.get(f"adj{axis}") is None:
            fields[f"adj{axis}"] = 0
