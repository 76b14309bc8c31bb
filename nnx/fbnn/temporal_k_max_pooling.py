from __future__ import annotations

import nn
from torch7 import registry


@nn.register
class TemporalKMaxPooling(nn.TemporalDynamicKMaxPooling):
    """The ``k`` largest values of every feature of a sequence, in their order in time, whatever its length.

    Input: ``T x F`` or ``N x T x F``; output ``k x F`` or ``N x k x F``. ``ValueError`` where T < k. Source: fbcunn.
    """

    def __init__(self, k: int) -> None:
        super().__init__(k, 0)
        self.k = k


@registry.upgrade(TemporalKMaxPooling)
def _upgrade(module: TemporalKMaxPooling, fields: dict) -> None:
    fields["minK"], fields["factor"] = fields.get("k", fields.get("minK")), 0
