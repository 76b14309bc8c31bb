from __future__ import annotations

from typing import Any

import nn
from torch7 import registry


@nn.register
class CrossMapNormalization(nn.SpatialCrossMapLRN):
    """fbcunn's name for :class:`nn.SpatialCrossMapLRN` with k = 1: ``scale`` is its alpha, ``power`` its beta.

    Source: fbcunn.
    """

    def __init__(self, size: int, scale: float, power: float) -> None:
        super().__init__(size, scale, power, 1)

    def _t7_fields(self) -> dict[str, Any]:
        fields = {name: value for name, value in vars(self).items() if name not in ("alpha", "beta", "k")}
        return {**fields, "scale": self.alpha, "power": self.beta}


@registry.upgrade(CrossMapNormalization)
def _upgrade(module: CrossMapNormalization, fields: dict) -> None:
    if "power" in fields:
        fields.update(alpha=fields.pop("scale", 1e-4), beta=fields.pop("power"), k=1)
    fields.pop("squaredSum", None)
