"""AdaDelta."""

from __future__ import annotations

from typing import Any

from .common import Fields, OpFunc, check_point, evaluate, memory, resolve, scratch
from .update import update


def adadelta(
    opfunc: OpFunc, x: Any, config: Fields | None = None, state: Fields | None = None, **settings: Any
) -> tuple[Any, list]:
    """One step as long as recent steps were, for the gradients recently had; returns ``x`` and ``[f]``.

    With ``g = df/dx + weightDecay x``::

        V = rho V + (1 - rho) g^2
        d = sqrt(A + eps) / sqrt(V + eps) g
        x = x - d
        A = rho A + (1 - rho) d^2

    There is no learning rate. Settings: rho 0.9, eps 1e-6, weightDecay 0.
    State: evalCounter, paramVariance (V), accDelta (A).

    Source: Zeiler, "ADADELTA: an adaptive learning rate method", 2012.
    """
    if config is None and state is None:
        print("no state table, ADADELTA initializing")
    c, state = resolve("adadelta", config, state, settings, rho=0.9, eps=1e-6, weightDecay=0)
    check_point("adadelta", x)
    f, g = evaluate("adadelta", opfunc, x)
    v, a = (memory("adadelta", state, key, x) for key in ("paramVariance", "accDelta"))
    scratch(state, ["paramStd", "delta"], x.shape, x)
    update("adadelta", x, v, a, g, c.weightDecay, c.rho, 1 - c.rho, c.eps)
    state["evalCounter"] = (state.get("evalCounter") or 0) + 1
    return x, [f]
