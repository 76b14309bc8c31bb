"""What samples in training and puts out a mean in evaluation."""

from __future__ import annotations

from typing import Any

from ..graph import Graph, Value
from ..tracing import kind_of, rule


@rule("ReinforceNormal", "ReinforceBernoulli", "ReinforceCategorical", "ReinforceGamma")
def mean(g: Graph, m: Any, x: Any, y: Value) -> str:
    if m.samples():
        raise g.refuse(f"{m}, which also draws in evaluation,")
    first = x[0] if isinstance(x, list) else x
    if kind_of(m) != "ReinforceGamma":
        return g.op("Identity", first)
    return g.op("Mul", first, x[1] if m.scale is None else g.constant(m.scale))
