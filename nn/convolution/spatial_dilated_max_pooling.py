from __future__ import annotations

from typing import Any

from .. import thnn
from ..extension import register
from ..numbers import Whole
from .sizes import set_sizes
from .spatial_max_pooling import SpatialMaxPooling


@register
class SpatialDilatedMaxPooling(SpatialMaxPooling):
    """:class:`SpatialMaxPooling` over windows whose pixels are ``dilationW, dilationH`` apart (default 1).

    A window spans ``dilationW (kW - 1) + 1`` columns, which takes the place of ``kW`` in the output size. Errors as
    there. Source: manual chapter "convolution".
    """

    dilationW = dilationH = 1
    numbers = Whole(**SpatialMaxPooling.numbers.least, dilationW=1, dilationH=1)

    def __init__(
        self,
        kW: int,
        kH: int,
        dW: int | None = None,
        dH: int | None = None,
        padW: int | None = None,
        padH: int | None = None,
        dilationW: int | None = None,
        dilationH: int | None = None,
    ) -> None:
        super().__init__(kW, kH, dW, dH, padW, padH)
        set_sizes(self, "dilation", (dilationW, dilationH), 1)
        self.numbers(self)

    def _span(self) -> tuple[int, int]:
        return self.dilationH * (self.kH - 1) + 1, self.dilationW * (self.kW - 1) + 1

    def _gaps(self) -> tuple[int, int]:
        return self.dilationH, self.dilationW

    def _pool(self, input: Any, output: Any, indices: Any) -> None:
        gaps = self.dilationW, self.dilationH
        thnn.SpatialDilatedMaxPooling_updateOutput(input, output, indices, self._geometry(), *gaps)

    def __tostring__(self) -> str:
        return super().__tostring__()[:-1] + f", {self.dilationW},{self.dilationH})"
