from __future__ import annotations

from typing import Any, Self

from ..containers.sequential import Sequential
from ..extension import register
from ..simple.elementwise import Power, Sqrt, Square
from ..transfer.mul_constant import MulConstant
from .sizes import set_window
from .spatial_average_pooling import SpatialAveragePooling


@register
class SpatialLPPooling(Sequential):
    """The p-norm of every ``kW x kH`` window: ``y = (sum x^p)^(1/p)``.

    Input: ``C x H x W`` or ``N x C x H x W``; strides ``dW, dH`` default to the kernel. It is a Sequential of powers
    and an average pooling, has no parameters, and ``nInputPlane`` is not used. Errors as
    :class:`SpatialAveragePooling`. Source: manual chapter "convolution".
    """

    def __init__(
        self, nInputPlane: int, pnorm: float, kW: int, kH: int, dW: int | None = None, dH: int | None = None
    ) -> None:
        super().__init__()
        set_window(self, (kW, kH), (dW, dH), step=None)
        self.add(Square() if pnorm == 2 else Power(pnorm))
        self.add(SpatialAveragePooling(kW, kH, self.dW, self.dH))
        self.add(MulConstant(kW * kH))
        self.add(Sqrt() if pnorm == 2 else Power(1 / pnorm))

    def parameters(self) -> tuple[list, list]:
        return [], []

    def reset(self, stdv: float | None = None) -> Self:
        return self

    def zeroGradParameters(self) -> Self:
        return self

    def updateParameters(self, learningRate: float) -> Self:
        return self  # files from before the average pooling sum by a SpatialSubSampling, which learns nothing

    def accGradParameters(self, input: Any, gradOutput: Any, scale: float | None = None) -> None:
        pass

    def accUpdateGradParameters(self, input: Any, gradOutput: Any, lr: float) -> None:
        pass
