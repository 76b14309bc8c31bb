from __future__ import annotations

from typing import Any

from torch7 import arrays, registry

from .. import thnn
from ..extension import register
from ..numbers import Whole
from .convolution_base import Convolution, Sizes
from .sizes import following, set_window
from .spatial_convolution import SpatialConvolution


@register
class SpatialConvolutionLocal(Convolution):
    """:class:`SpatialConvolution` with a kernel of its own for every output pixel:

    ``output[o, y, x] = bias[o, y, x] + sum of weight[y, x, o, i, a, b] * input[i, y dH - padH + a, x dW - padW + b]``

    Input: ``nInputPlane x iH x iW`` or ``N x nInputPlane x iH x iW``, of the one size given as ``iW, iH``; output
    ``nOutputPlane x oH x oW``, ``oW = floor((iW + 2 padW - kW) / dW) + 1``. Kernel ``kW x kH``, strides ``dW, dH``
    (default 1), border ``padW`` (0) and ``padH`` (padW) in pixels. ``weight`` is
    ``oH x oW x nOutputPlane x nInputPlane x kH x kW``, ``bias`` is ``nOutputPlane x oH x oW``. ``ValueError`` for
    images of another size. Source: manual chapter "convolution".
    """

    numbers = Whole(**SpatialConvolution.numbers.least, iW=1, iH=1, oW=1, oH=1)

    def __init__(
        self,
        nInputPlane: int,
        nOutputPlane: int,
        iW: int,
        iH: int,
        kW: int,
        kH: int,
        dW: int | None = None,
        dH: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
    ) -> None:
        super().__init__()
        self.nInputPlane, self.nOutputPlane = nInputPlane, nOutputPlane
        self.iW, self.iH = iW, iH
        set_window(self, (kW, kH), (dW, dH), following(padW, padH))
        self.oH = self.oW = 1
        self.numbers(self)
        self.oH, self.oW = self.sizes()
        self.makeParameters()

    def sizes(self) -> Sizes:
        """The output's height and width; ``ValueError`` where the kernel does not fit."""
        height = (2 * self.padH + self.iH - self.kH) // self.dH + 1
        width = (2 * self.padW + self.iW - self.kW) // self.dW + 1
        if width < 1 or height < 1:
            raise ValueError(f"illegal configuration: output width or height less than 1, got {width}x{height}")
        return height, width

    def kernel(self) -> Sizes:
        return self.kH, self.kW

    def stride(self) -> Sizes:
        return self.dH, self.dW

    def pad(self) -> Sizes:
        return self.padH, self.padW

    def biasShape(self) -> Sizes:
        return self.nOutputPlane, self.oH, self.oW

    def kernelShape(self) -> Sizes:
        return self.oH, self.oW, self.nOutputPlane, self.nInputPlane, self.kH, self.kW

    def outputSize(self, batch: Any) -> Sizes:
        if batch.shape[2:] != (self.iH, self.iW):
            expected = f"{self.nInputPlane}x{self.iH}x{self.iW}"
            raise ValueError(f"{self}: input of size {expected} expected, got {arrays.describe(batch)}")
        if self.sizes() != (self.oH, self.oW):
            raise ValueError(f"{self}: outputs of {self.sizes()} expected, oH and oW are {self.oH} and {self.oW}")
        return self.oH, self.oW

    def convolve(self, input: Any, output: Any, weight: Any, bias: Any, geometry: tuple) -> None:
        thnn.SpatialConvolutionLocal_updateOutput(input, output, weight, bias, *geometry[:2])

    def convolveBack(self, gradOutput: Any, gradInput: Any, weight: Any, geometry: tuple) -> None:
        thnn.SpatialConvolutionLocal_updateGradInput(gradOutput, gradInput, weight, *geometry[:2])

    def accumulate(
        self, input: Any, gradOutput: Any, gradWeight: Any, gradBias: Any, geometry: tuple, scale: float
    ) -> None:
        thnn.SpatialConvolutionLocal_accGradParameters(input, gradOutput, gradWeight, gradBias, *geometry[:2], scale)

    def __tostring__(self) -> str:
        text = f"{registry.class_name(type(self))}({self.nInputPlane} -> {self.nOutputPlane}, "
        text += f"{self.iW}x{self.iH}, {self.kW}x{self.kH}"
        if (self.dW, self.dH, self.padW, self.padH) != (1, 1, 0, 0):
            text += f", {self.dW},{self.dH}"
        if (self.padW, self.padH) != (0, 0):
            text += f", {self.padW},{self.padH}"
        return f"{text})"
