from __future__ import annotations

from typing import Any

import nn
from nnx.named import named
from torch7 import registry


@named("w2nn.LeakyReLU")
class LeakyReLU(nn.LeakyReLU):
    """``y = max(x, 0) + negative_scale min(x, 0)``: :class:`nn.LeakyReLU`, 0.333 by default. Source: waifu2x."""

    def __init__(self, negative_scale: float | None = None) -> None:
        super().__init__(0.333 if negative_scale is None else negative_scale)

    @property
    def negative_scale(self) -> float:
        return self.negval

    def _t7_fields(self) -> dict[str, Any]:
        return {**vars(self), "negative_scale": self.negval}


registry.lacking(LeakyReLU, negval=0.333, inplace=False)
