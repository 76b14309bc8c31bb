"""inn's poolings: those of nn whose last windows may reach over the border, as in Caffe."""

from __future__ import annotations

import nn
from nnx.named import named
from torch7 import registry


@named("inn.SpatialMaxPooling")
class SpatialMaxPooling(nn.SpatialMaxPooling):
    """:class:`nn.SpatialMaxPooling` with sizes rounded up: ``oW = ceil((W - kW) / dW) + 1``. Source: inn."""

    def __init__(self, kW: int, kH: int, dW: int | None = None, dH: int | None = None) -> None:
        super().__init__(kW, kH, dW, dH)
        self.ceil_mode = True


@named("inn.SpatialAveragePooling")
class SpatialAveragePooling(nn.SpatialAveragePooling):
    """:class:`nn.SpatialAveragePooling` with sizes rounded up: ``oW = ceil((W - kW) / dW) + 1``. Source: inn."""

    def __init__(self, kW: int, kH: int, dW: int | None = None, dH: int | None = None) -> None:
        super().__init__(kW, kH, dW, dH)
        self.ceil_mode = True


for _cls in (SpatialMaxPooling, SpatialAveragePooling):
    registry.lacking(_cls, ceil_mode=True, padW=0, padH=0, dW=1, dH=1)
registry.lacking(SpatialAveragePooling, count_include_pad=True, divide=True)
