from __future__ import annotations

import nn
from torch7 import registry


@nn.register
class TemporalKMaxPooling(nn.TemporalDynamicKMaxPooling):
    """The largest values of every feature of a sequence, in their order in time: ``max(k, ceil(k_dynamic T))`` of them.

    Without ``k_dynamic``, from 0 to 1, always ``k``. Input: ``T x F`` or ``N x T x F``; output ``k x F`` or ``N x k x
    F``. ``ValueError`` where T < k. Source: fbcunn.
    """

    def __init__(self, k: int, k_dynamic: float | None = None) -> None:
        if k_dynamic is not None and not 0 <= k_dynamic <= 1:
            raise ValueError(f"nn.TemporalKMaxPooling: k_dynamic must be between 0 and 1, got {k_dynamic!r}")
        super().__init__(k, k_dynamic)
        self.k, self.k_dynamic = k, -1 if k_dynamic is None else k_dynamic


@registry.upgrade(TemporalKMaxPooling)
def _upgrade(module: TemporalKMaxPooling, fields: dict) -> None:
    fields["minK"] = fields.get("k", fields.get("minK"))
    fields["factor"] = max(fields.get("k_dynamic") or 0, 0)
